// One text in every place where hosts and objects of the simulated cluster keep secrets.
// May not: be a secret anywhere. A test looks for it in all that an audit writes, and must not find it.

export const secretMarker = 'never-on-disk-5f2c9e7a41'
