# The functions below do the work; what is done in this namespace stands at the end of this file.
# Nothing changes without --apply: the server is asked what would become of each patch (--dry-run=server).
set -eu
umask 077
export LC_ALL=C

kubectl=${KUBECTL:-kubectl}
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
state=$folder/saved
mode=dry-run
only=
opt_in=no
done_any=no

usage() {
  printf '%s\n' \
    "Usage: sh $0 [--apply | --rollback] [--only <Kind/name>] [--opt-in]" \
    '' \
    'Without --apply nothing is changed: the server says what would become of each object.' \
    '  --apply      make the changes; each pod template is saved first, in the folder saved/' \
    '  --rollback   put the saved pod templates back and delete what was created' \
    '  --only       just this object' \
    '  --opt-in     also changes that take away what a workload may stand on (host access, privilege, connections),' \
    '               or set values that nobody measured (requests, limits, probes)'
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'stopped: %s\n' "$*" >&2
  exit 1
}

is_wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

# kubectl diff exits 1 when there are differences, and above that when something is wrong.
show_difference() { # file
  "$kubectl" diff --filename "$1" || [ "$?" -eq 1 ]
}

# Network plug-ins, storage drivers and agents of the node need some of what these take away.
if_asked() { # function, Kind/name, ...
  if [ "$opt_in" = yes ] || [ "$mode" = rollback ]; then
    "$@"
  elif is_wanted "$2"; then
    done_any=yes
    say ''
    say "$2: the opt-in change is left out; --opt-in takes it in"
  fi
}

change_workload() { # Kind/name, resource, name, path of the pod template, patch file
  is_wanted "$1" || return 0
  done_any=yes
  # One for all patches of a workload: what was there before the first.
  saved=$state/$(basename "${5%.opt-in.yaml}" .yaml).json
  say ''
  say "$1"
  case $mode in
  dry-run)
    "$kubectl" --namespace "$namespace" patch "$2" "$3" --type=strategic --patch-file "$folder/$5" \
      --dry-run=server --output yaml >"$scratch/object.yaml"
    show_difference "$scratch/object.yaml"
    ;;
  apply)
    mkdir -p "$state"
    "$kubectl" --namespace "$namespace" get "$2" "$3" --output "jsonpath={.$4}" >"$scratch/template.json"
    [ -s "$scratch/template.json" ] || fail "the pod template of $1 cannot be read"
    [ -e "$saved" ] || cp "$scratch/template.json" "$saved"
    "$kubectl" --namespace "$namespace" patch "$2" "$3" --type=strategic --patch-file "$folder/$5"
    case $2 in
    deployment.apps | statefulset.apps | daemonset.apps)
      "$kubectl" --namespace "$namespace" rollout status "$2" "$3" --timeout=300s ||
        fail "$1 does not become ready. Put it back with --rollback --only '$1'."
      ;;
    esac
    ;;
  rollback)
    if [ ! -e "$saved" ]; then
      say '  not changed by this script'
      return 0
    fi
    { printf '[{"op":"replace","path":"/%s","value":' "$(printf '%s' "$4" | tr . /)"; cat "$saved"; printf '}]\n'; } >"$scratch/back.json"
    "$kubectl" --namespace "$namespace" patch "$2" "$3" --type=json --patch-file "$scratch/back.json"
    mv "$saved" "$saved.rolled-back.$(date -u +%Y%m%dT%H%M%SZ)"
    ;;
  esac
}

create_object() { # Kind/name, kind, name, file
  is_wanted "$1" || return 0
  done_any=yes
  saved=$state/$(basename "$4" .yaml)
  say ''
  say "$1"
  case $mode in
  dry-run)
    "$kubectl" apply --dry-run=server --filename "$folder/$4"
    show_difference "$folder/$4"
    ;;
  apply)
    mkdir -p "$state"
    if [ -e "$saved.created" ]; then
      say '  made by an earlier run'
    elif "$kubectl" --namespace "$namespace" get "$2" "$3" >/dev/null 2>&1; then
      fail "there is a $1 already, which is not this script's; compare it with $folder/$4"
    fi
    : >"$saved.created"
    "$kubectl" apply --filename "$folder/$4"
    ;;
  rollback)
    if [ ! -e "$saved.created" ]; then
      say '  not made by this script'
      return 0
    fi
    "$kubectl" --namespace "$namespace" delete "$2" "$3"
    rm -f "$saved.created"
    ;;
  esac
}

finish() {
  [ "$done_any" = yes ] || fail "there is no $only in this script"
  [ "$mode" != dry-run ] || say 'Nothing was changed. --apply makes the changes.'
  exit 0
}

while [ "$#" -gt 0 ]; do
  case $1 in
  --apply) mode=apply ;;
  --opt-in) opt_in=yes ;;
  --rollback) mode=rollback ;;
  --only)
    [ "$#" -gt 1 ] || fail '--only needs <Kind/name>'
    only=$2
    shift
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
  esac
  shift
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/kube-assay.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
