// A port on loopback that answers nothing, not even to a TCP handshake: what a firewall that drops packets looks like.
// May not: outlive its creator.
import { type ChildProcess, spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'

export interface BlackHole {
  readonly port: number
  close(): void
}

const listener = `
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)))
process.on('disconnect', () => process.exit())
`

/**
 * A stopped process accepts no connection; the kernel answers for it until the queue is full, and then drops what comes. Linux only.
 */
export async function startBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })
  const end = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', end)
  const port = await portOf(child)
  child.kill('SIGSTOP')
  const filling: Socket[] = []
  for (let isFull = false; !isFull && filling.length < 20; ) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    filling.push(socket)
    isFull = !(await connectsSoon(socket))
  }
  return {
    port,
    close() {
      for (const socket of filling) socket.destroy()
      process.off('exit', end)
      end()
    },
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('The process of the black hole ended.')))
    child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())))
  })
}

function connectsSoon(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
