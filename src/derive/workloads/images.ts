// Row I4: what a template's image references say, read as the runtimes do (distribution/reference), and what they leave open.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'

type Image = FactValue<'images'>['images'][number]

/** A container of a template may leave its image to admission; then there is nothing to read. */
export function deriveImages({ containers }: PodSpec): FactValue<'images'> {
  return {
    images: containers.flatMap(({ name, kind, image = '' }) =>
      image === '' ? [] : [{ container: name, kind, reference: image, ...describeImage(image) }],
    ),
  }
}

/** Names that tell by themselves that they are moved from build to build. */
const movingTags: ReadonlySet<string> = new Set(
  'latest stable edge nightly canary main master develop development dev snapshot'.split(' '),
)
/** No digit: a distribution or flavour ("alpine", "slim-bookworm"), which every build moves; not an abbreviated commit. */
const isName = /^(?![a-f]{7,40}$)\D+$/
const preRelease = /(?:^|[\d._-])(?:alpha|beta|rc|preview|pre|snapshot|dev)(?:[._-]?\d+)*(?:$|[._+-])/i

function describeImage(reference: string): Omit<Image, 'container' | 'kind' | 'reference'> {
  const at = reference.indexOf('@')
  const [name, digest] = at < 0 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1)]
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  const [path, tag] = colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)]
  const slash = path.indexOf('/')
  const first = slash < 0 ? '' : path.slice(0, slash)
  const registry = /[.:]/.test(first) || first === 'localhost' ? first : ''
  const repository = registry === '' ? path : path.slice(slash + 1)
  return {
    registry,
    repository,
    tag,
    digest,
    movingTag: digest === '' ? movingOf(tag) : '',
    isPreRelease: preRelease.test(tag),
    qualified: registry === '' ? `docker.io/${slash < 0 ? 'library/' : ''}${reference}` : reference,
  }
}

function movingOf(tag: string): string {
  if (tag === '') return 'no tag, which means latest'
  const isMoving = movingTags.has(tag.toLowerCase()) || isName.test(tag)
  return isMoving ? `tag ${tag}` : ''
}
