// Roles and bindings: who may do what, as the API server stores it. What follows from it is derived elsewhere.
// May not: resolve aggregation or drop a rule that looks empty.
import type { BindingObject, RoleObject } from '../../model/objects.ts'
import { metadataOf, projectMeta } from './metadata.ts'
import { child, isRaw, list, type Problems, present, type Raw, text, textMap, texts } from './read.ts'

const autoupdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate'

export function projectRole(raw: Raw, problems: Problems): RoleObject {
  const metadata = metadataOf(raw, problems)
  const aggregation = child(raw, 'aggregationRule', problems)
  return present({
    ...projectMeta(metadata, problems),
    autoupdate: readAutoupdate(metadata, problems),
    rules: (list(raw, 'rules', problems) ?? []).map((rule) =>
      present({
        verbs: texts(rule, 'verbs', problems) ?? [],
        apiGroups: texts(rule, 'apiGroups', problems),
        resources: texts(rule, 'resources', problems),
        resourceNames: texts(rule, 'resourceNames', problems),
        nonResourceURLs: texts(rule, 'nonResourceURLs', problems),
      }),
    ),
    aggregationSelectors:
      aggregation === undefined
        ? undefined
        : (list(aggregation, 'clusterRoleSelectors', problems) ?? []).map((selector) =>
            projectSelector(selector, problems),
          ),
  })
}

function readAutoupdate(metadata: Raw, problems: Problems): boolean | undefined {
  const value = textMap(metadata, 'annotations', problems, (name) => name === autoupdateAnnotation)?.[
    autoupdateAnnotation
  ]
  return value === undefined ? undefined : value === 'true'
}

function projectSelector(selector: Raw, problems: Problems) {
  return present({
    matchLabels: textMap(selector, 'matchLabels', problems),
    matchExpressions: list(selector, 'matchExpressions', problems)?.map((expression) =>
      present({
        key: text(expression, 'key', problems),
        operator: text(expression, 'operator', problems),
        values: texts(expression, 'values', problems),
      }),
    ),
  })
}

export function projectBinding(raw: Raw, problems: Problems): BindingObject {
  const metadata = metadataOf(raw, problems)
  const roleRef = isRaw(raw['roleRef']) ? raw['roleRef'] : {}
  return present({
    ...projectMeta(metadata, problems),
    autoupdate: readAutoupdate(metadata, problems),
    roleRef: { kind: required(roleRef, 'kind', problems), name: required(roleRef, 'name', problems) },
    subjects: (list(raw, 'subjects', problems) ?? []).map((subject) =>
      present({
        kind: required(subject, 'kind', problems),
        name: required(subject, 'name', problems),
        namespace: text(subject, 'namespace', problems),
      }),
    ),
  })
}

function required(raw: Raw, key: string, problems: Problems): string {
  const value = text(raw, key, problems)
  if (value === undefined) problems.note(key)
  return value ?? ''
}
