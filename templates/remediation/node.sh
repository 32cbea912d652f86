# The functions below do the work; what is done on this node stands at the end of this file.
# Reads and writes only below $root (empty on a real node). Nothing changes without --apply.
set -eu
umask 077
export LC_ALL=C

root=${KUBE_ASSAY_ROOT-}
state=$root/var/lib/kube-assay/remediation/$report
journal=$state/journal
mode=dry-run
only=
skip=
any_host=no
changes=0
refused=0
restart=no
pods=no
before_rule=0

usage() {
  printf '%s\n' \
    "Usage: sh $0 [--apply | --rollback] [--only <rule>]... [--skip <rule>]... [--any-host]" \
    '' \
    'Without --apply nothing is changed: the changes are shown.' \
    '  --apply      make the changes; each file is copied first' \
    '  --rollback   put everything back that --apply changed here' \
    '  --only       just this rule; can be given again' \
    '  --skip       all but this rule; can be given again' \
    '  --any-host   run although the name of this host is not the name of the node' \
    '  --list       the rules of this script, in order'
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'stopped: %s\n' "$*" >&2
  exit 1
}
# A change that cannot be made safely: said, counted, and the others go on.
refuse() {
  printf 'refused: %s\n' "$*" >&2
  refused=$((refused + 1))
}

digest_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1" | cut -d' ' -f1; else cksum <"$1"; fi
}

# --- the journal: one folder a change, so that no name needs quoting; put back in reverse order

next_entry() {
  number=1
  if [ -d "$journal" ]; then
    for known in "$journal"/*; do [ -d "$known" ] && number=$((number + 1)); done
  fi
  entry=$journal/$(printf '%06d' "$number").$(date -u +%Y%m%dT%H%M%SZ)
  command mkdir -p -m 0700 "$entry"
}

# record_file <path below root>: before its content changes
record_file() {
  next_entry
  printf '%s' "$1" >"$entry/path"
  if [ -e "$root$1" ]; then
    command cp -p "$root$1" "$entry/content"
  else
    : >"$entry/absent"
  fi
  : >"$entry/file"
}

# Whether a file is what the audit saw, or what an earlier run of this script made of it.
is_as_seen() { # path, digest or "absent" or "unknown", modification time or ""
  was_left=no
  if [ -d "$journal" ]; then
    for known in "$journal"/*; do
      [ -f "$known/after" ] || continue
      [ "$(cat "$known/path")" = "$1" ] || continue
      was_left=no
      [ -e "$root$1" ] && [ "$(cat "$known/after")" = "$(digest_of "$root$1")" ] && was_left=yes
    done
  fi
  [ "$was_left" = no ] || return 0
  case $2 in
  absent) [ ! -e "$root$1" ] ;;
  unknown)
    [ -z "$3" ] && return 0
    [ -e "$root$1" ] && [ "$(stat -c %Y "$root$1")" = "$3" ]
    ;;
  *) [ -e "$root$1" ] && { ! command -v sha256sum >/dev/null 2>&1 || [ "$(digest_of "$root$1")" = "$2" ]; } ;;
  esac
}

is_link() {
  [ -L "$root$1" ]
}

# replace_file <path> <file with the new content> <seen digest> <seen time> <default mode>
replace_file() {
  if [ -e "$root$1" ] && cmp -s "$root$1" "$2"; then
    say "  $1: already so"
    return 0
  fi
  if is_link "$1"; then
    refuse "$1 is a link; change what it leads to by hand"
    return 0
  fi
  if ! is_as_seen "$1" "$3" "$4"; then
    refuse "$1 is not as the audit saw it; audit again, or change it by hand"
    return 0
  fi
  say "  $1:"
  if [ -e "$root$1" ]; then
    diff "$root$1" "$2" | sed -n 's/^[<>]/    &/;s/^    </    - /p;s/^    >/    + /p' || :
  else
    sed 's/^/    +  /' "$2"
  fi
  changes=$((changes + 1))
  [ "$mode" = apply ] || return 0
  record_file "$1"
  folder=$(dirname "$root$1")
  command mkdir -p -m 0755 "$folder"
  # The kubelet ignores names with a leading dot, and a rename is seen as one change.
  partial=$(mktemp "$folder/.kube-assay.XXXXXX")
  if [ -e "$root$1" ]; then
    command cp -p "$root$1" "$partial"
    cat "$2" >"$partial"
  else
    cat "$2" >"$partial"
    command chmod "$5" "$partial"
  fi
  command mv -f "$partial" "$root$1"
  digest_of "$root$1" >"$entry/after"
}

scratch=
make_scratch() {
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/kube-assay.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM HUP
}

# --- modes, owners and access control lists: the commands of the plan, with a dry run and a journal

change_access() { # program argument... : options and the mode or owner first, then absolute paths
  program=$1
  shift
  setting=
  for argument; do
    case $argument in
    /*) change_access_of "$program" "$setting" "$argument" ;;
    *) setting=${setting:+$setting }$argument ;;
    esac
  done
}

access_of() {
  stat -L -c '%a %u:%g' "$root$1"
  if command -v getfacl >/dev/null 2>&1; then getfacl --absolute-names --numeric --skip-base "$root$1" 2>/dev/null || :; fi
}

change_access_of() { # program, setting, path
  if [ ! -e "$root$3" ]; then
    refuse "$3 does not exist"
    return 0
  fi
  # A file's mode on a folder would lock everything below it.
  if [ -d "$root$3" ]; then
    case $1:$2:$3 in
    *:/ | chmod:*[0246][0-7][0-7]:*)
      refuse "$3 is a folder; $1 $2 is not for it"
      return 0
      ;;
    esac
  fi
  before=$(access_of "$3")
  was=$(stat -L -c '%a %U:%G' "$root$3")
  if [ "$mode" = apply ]; then
    next_entry
    printf '%s' "$3" >"$entry/path"
    stat -L -c '%a' "$root$3" >"$entry/mode"
    stat -L -c '%u:%g' "$root$3" >"$entry/owner"
    if command -v getfacl >/dev/null 2>&1; then
      getfacl --absolute-names --numeric "$root$3" >"$entry/acl" 2>/dev/null || command rm -f "$entry/acl"
    fi
    # Word splitting is wanted: the setting is made of options and a mode, never of a path.
    # shellcheck disable=SC2086
    command "$1" $2 "$root$3"
    if [ "$before" = "$(access_of "$3")" ]; then
      command rm -rf "$entry"
      say "  $3: already so ($1 $2)"
      return 0
    fi
    : >"$entry/access"
  elif is_access_so "$1" "$2" "$3"; then
    say "  $3: already so ($1 $2)"
    return 0
  fi
  say "  $3: $1 $2 (was $was)"
  changes=$((changes + 1))
}

# For the dry run: whether the command would change nothing. Says no where it cannot tell.
is_access_so() {
  case $1:$2 in
  chmod:[0-7]*) [ "$(printf '%o' "0$(stat -L -c %a "$root$3")")" = "$(printf '%o' "0$2")" ] ;;
  chmod:go-w) case $(stat -L -c %a "$root$3") in *[2367][0-7] | *[2367]) false ;; *) true ;; esac ;;
  chown:[0-9]*:[0-9]*) [ "$(stat -L -c %u:%g "$root$3")" = "$2" ] ;;
  chown:root) [ "$(stat -L -c %u "$root$3")" = 0 ] ;;
  setfacl:--remove-all) command -v getfacl >/dev/null 2>&1 && [ -z "$(getfacl --skip-base "$root$3" 2>/dev/null)" ] ;;
  *) false ;;
  esac
}

chmod() { change_access chmod "$@"; }
chown() { change_access chown "$@"; }
setfacl() { change_access setfacl "$@"; }

# --- kernel parameters: persisted in a file, other files that would win set aside, and set in the running kernel

kernel_parameter() { # file, name, value, seen digest, seen time
  new=$scratch/parameter
  if [ -e "$root$1" ]; then
    NAME=$2 VALUE=$3 awk '
      BEGIN { name = ENVIRON["NAME"]; value = ENVIRON["VALUE"] }
      function plain(text) { gsub(/^[ \t]*-?[ \t]*|[ \t]*$/, "", text); gsub(/\//, ".", text); return text }
      /^[ \t]*[^#; \t]/ && index($0, "=") && plain(substr($0, 1, index($0, "=") - 1)) == name {
        if (!done) print name " = " value
        done = 1
        next
      }
      { print }
      END { if (!done) print name " = " value }' "$root$1" >"$new"
  else
    printf '%s = %s\n' "$2" "$3" >"$new"
  fi
  replace_file "$1" "$new" "$4" "$5" 0644
  set_aside "$1" "$2" "$3"
  running=$root/proc/sys/$(printf '%s' "$2" | tr . /)
  if [ ! -e "$running" ]; then
    refuse "this kernel has no $2"
  elif [ "$(cat "$running")" = "$3" ]; then
    say "  $2 = $3 is running"
  else
    say "  running: - $2 = $(cat "$running")"
    say "  running: + $2 = $3"
    changes=$((changes + 1))
    if [ "$mode" = apply ]; then
      next_entry
      printf '%s' "$2" >"$entry/parameter"
      cat "$running" >"$entry/value"
      printf '%s\n' "$3" >"$running"
      [ "$(cat "$running")" = "$3" ] || fail "the kernel did not take $2 = $3"
    fi
  fi
}

# Lines that set the same parameter to another value in a file that is read later.
set_aside() { # our file, name, value
  for other in "$root"/etc/sysctl.conf "$root"/etc/sysctl.d/*.conf; do
    [ -f "$other" ] || continue
    path=${other#"$root"}
    [ "$path" = "$1" ] && continue
    # A name that sorts before ours is read before it. /etc/sysctl.conf is read last by sysctl --system, and as 99-sysctl.conf where that is a link.
    if [ "$path" != /etc/sysctl.conf ]; then
      [ -L "$other" ] && continue
      first=$(printf '%s\n%s\n' "$(basename "$1")" "$(basename "$path")" | sort | head -n 1)
      [ "$first" = "$(basename "$1")" ] || continue
    fi
    new=$scratch/aside
    NAME=$2 VALUE=$3 awk '
      BEGIN { name = ENVIRON["NAME"]; value = ENVIRON["VALUE"] }
      function plain(text) { gsub(/^[ \t]*-?[ \t]*|[ \t]*$/, "", text); return text }
      /^[ \t]*[^#; \t]/ && index($0, "=") {
        key = plain(substr($0, 1, index($0, "=") - 1)); gsub(/\//, ".", key)
        if (key == name && plain(substr($0, index($0, "=") + 1)) != value) { print "# kube-assay: " $0; next }
      }
      { print }' "$other" >"$new"
    cmp -s "$other" "$new" || replace_file "$path" "$new" unknown '' 0644
  done
}

# --- settings in a block of YAML, such as the kubelet's configuration; what it cannot follow it refuses

kubelet_setting() { # file, path with dots, value as one line of YAML, seen digest, seen time
  if [ ! -e "$root$1" ]; then
    refuse "$1 does not exist"
    return 0
  fi
  new=$scratch/setting
  # Through the environment, because awk reads backslashes of -v.
  if ! WANTED=$2 VALUE=$3 awk '
    function put(level,   i, line, pad) {
      for (i = level; i <= depth; i++) {
        pad = sprintf("%" (i == level ? at : at + 2 * (i - level)) "s", "")
        line = pad part[i] ":" (i == depth ? " " value : "")
        out[++count] = line
      }
      done = 1
    }
    function key_of(text,   k) {
      if (!match(text, /^["\047]?[A-Za-z0-9_.\/-]+["\047]?[ ]*:([ ]|$)/)) return ""
      k = substr(text, 1, RLENGTH); sub(/[ ]*:[ ]?$/, "", k); gsub(/["\047]/, "", k)
      return k
    }
    # The block of the last matched key ended: what is missing goes behind its last line.
    function close_block(   tail, i) {
      at = child >= 0 ? child : own[matched] + 2
      tail = count
      for (i = count; i > last; i--) held[i] = out[i]
      count = last
      put(matched + 1)
      for (i = last + 1; i <= tail; i++) out[++count] = held[i]
    }
    BEGIN { value = ENVIRON["VALUE"]; depth = split(ENVIRON["WANTED"], part, "."); matched = 0; child = 0; own[0] = -2; last = 0 }
    {
      line = $0
      if (line ~ /\t/ && line ~ /^[ ]*\t/) { print "a tab" > "/dev/stderr"; bad = 1; exit }
      text = line; sub(/^[ ]*/, "", text)
      indent = length(line) - length(text)
      if (text == "" || text ~ /^#/) { out[++count] = line; next }
      if (text ~ /^(---|\.\.\.)/) { if (seen || text !~ /^---[ ]*$/) { bad = 1; exit } out[++count] = line; last = count; next }
      seen = 1
      if (text ~ /^[{\[]/ && indent == 0) { bad = 1; exit }
      if (dropping) {
        if (indent > drop || (indent == drop && text ~ /^- /) || (indent == drop && text == "-")) next
        dropping = 0
      }
      if (!done && matched > 0 && (indent < own[matched] || (indent == own[matched] && text !~ /^-( |$)/))) {
        close_block()
        out[++count] = line; next
      }
      if (done) {
        if (indent == leaf && key_of(text) == part[depth] && same_block) { bad = 1; exit }
        if (indent < leaf) same_block = 0
        out[++count] = line; last = count; next
      }
      if (child < 0 && indent > own[matched]) child = indent
      if (indent == child && key_of(text) == part[matched + 1]) {
        rest = text; sub(/^[^:]*:[ ]*/, "", rest)
        if (matched + 1 == depth) {
          if (rest ~ /^[|>&*!]/) { bad = 1; exit }
          if (rest ~ /^[\[{"\047]/ && rest !~ /[\]}"\047][ ]*(#.*)?$/) { bad = 1; exit }
          pad = sprintf("%" indent "s", "")
          out[++count] = pad part[depth] ": " value
          last = count; done = 1; dropping = 1; drop = indent; leaf = indent; same_block = 1
          next
        }
        if (rest !~ /^(#.*)?$/) { bad = 1; exit }
        matched++; own[matched] = indent; child = -1
      }
      out[++count] = line; last = count
    }
    END {
      if (bad) exit 3
      if (!done) close_block()
      for (i = 1; i <= count; i++) print out[i]
    }' "$root$1" >"$new" 2>/dev/null; then
    refuse "$1 is not written in a way that this script can follow; set $2: $3 by hand"
    return 0
  fi
  replace_file "$1" "$new" "$4" "$5" 0600
}

# --- arguments in the manifest of a static pod

# Several rules change the lists of admission plug-ins and authorization modes: each adds or takes away its own, whatever the others did.
static_pod_argument() { # file, program, flag without dashes, value, seen digest, seen time
  if [ ! -e "$root$1" ]; then
    refuse "$1 does not exist"
    return 0
  fi
  new=$scratch/argument
  if ! NEW_VALUE="--$3=$4" awk -v program="$2" -v flag="--$3" '
    # Letter by letter: awks differ in how they read backslashes of a replacement.
    function quoted(text,   i, one, all) {
      if (text ~ /^[A-Za-z0-9_.,=\/:-]+$/ && text !~ /: / && text !~ /:$/) return text
      for (i = 1; i <= length(text); i++) {
        one = substr(text, i, 1)
        all = all (one == "\\" || one == "\"" ? "\\" : "") one
      }
      return "\"" all "\""
    }
    function has(list, one) { return index("," list ",", "," one ",") > 0 }
    function combined(old, wanted,   parts, n, i, kept) {
      kept = ""
      n = split(old, parts, ",")
      if (flag == "--disable-admission-plugins") {
        for (i = 1; i <= n; i++) if (has(wanted, parts[i])) kept = kept (kept == "" ? "" : ",") parts[i]
        return kept
      }
      # What is there stays where it is, so that a second run finds nothing to do.
      for (i = 1; i <= n; i++)
        if (parts[i] != "" && (has(wanted, parts[i]) || (parts[i] != "AlwaysAdmit" && parts[i] != "AlwaysAllow"))) kept = kept (kept == "" ? "" : ",") parts[i]
      n = split(wanted, parts, ",")
      for (i = 1; i <= n; i++) if (!has(kept, parts[i])) kept = kept (kept == "" ? "" : ",") parts[i]
      return kept
    }
    BEGIN { item = ENVIRON["NEW_VALUE"] }
    {
      text = $0; sub(/^[ ]*/, "", text); indent = length($0) - length(text)
      bare = text; sub(/^-[ ]+/, "", bare); gsub(/^["\047]|["\047][ ]*$/, "", bare)
      line[NR] = $0
      is_item = text ~ /^- /
      if (is_item && (bare == program || bare ~ ("/" program "$")) && !inside) { if (starts++) bad = 1; inside = 1; list = indent; end = NR; next }
      if (inside && is_item && indent == list) {
        end = NR
        if (bare == flag) bad = 1
        if (index(bare, flag "=") == 1) { if (found) bad = 1; found = NR; old = substr(bare, length(flag) + 2) }
        next
      }
      if (inside && text !~ /^#/ && text != "") inside = 0
    }
    END {
      if (bad || !starts) exit 3
      if (found && flag ~ /^--(enable|disable)-admission-plugins$|^--authorization-mode$/) item = flag "=" combined(old, substr(item, length(flag) + 2))
      pad = sprintf("%" list "s", "")
      for (i = 1; i <= NR; i++) {
        if (i == found) print pad "- " quoted(item)
        else print line[i]
        if (i == end && !found) print pad "- " quoted(item)
      }
    }' "$root$1" >"$new"; then
    refuse "$1 is not written in a way that this script can follow; add --$3=$4 by hand"
    return 0
  fi
  replace_file "$1" "$new" "$5" "$6" 0600
}

# --- the kubelet

after_kubelet() { [ "$changes" = "$before_rule" ] || restart=yes; }
after_static_pods() {
  [ "$changes" = "$before_rule" ] || pods=yes
}

# With protectKernelDefaults the kubelet does not start where one of these differs (pkg/kubelet/cm/container_manager_linux.go).
check_kernel_defaults() {
  [ "$mode" = apply ] || return 0
  for pair in vm.overcommit_memory=1 vm.panic_on_oom=0 kernel.panic=10 kernel.panic_on_oops=1 \
    kernel.keys.root_maxkeys=1000000 kernel.keys.root_maxbytes=25000000; do
    running=$root/proc/sys/$(printf '%s' "${pair%%=*}" | tr . /)
    [ -e "$running" ] && [ "$(cat "$running")" = "${pair#*=}" ] ||
      fail "${pair%%=*} is not ${pair#*=}: with protectKernelDefaults the kubelet would not start. Set the kernel parameters first."
  done
}

# The unit that runs the kubelet: its own, or that of the distribution that runs it inside its own program.
find_kubelet_unit() {
  for unit in kubelet k3s k3s-agent rke2-server rke2-agent k0scontroller k0sworker snap.microk8s.daemon-kubelite \
    snap.kubelet.daemon; do
    if "${KUBE_ASSAY_SYSTEMCTL:-systemctl}" is-active --quiet "$unit"; then return 0; fi
  done
  unit=kubelet
}

restart_kubelet() {
  say 'kubelet: restart'
  for file in $(printf '%s' "$kubelet_files" | tr ':' ' ') /var/lib/kubelet/kubeadm-flags.env; do
    if grep -Eqs '^[^#]*protect-?[kK]ernel-?[dD]efaults(:[[:space:]]*|=)"?true' "$root$file"; then check_kernel_defaults; fi
  done
  if [ -n "$root" ] && [ -z "${KUBE_ASSAY_SYSTEMCTL-}" ]; then
    say '  not restarted: the files are below another root'
    return 0
  fi
  [ "$mode" != dry-run ] || return 0
  find_kubelet_unit
  [ "$unit" = kubelet ] || say "  it runs inside $unit"
  "${KUBE_ASSAY_SYSTEMCTL:-systemctl}" daemon-reload
  "${KUBE_ASSAY_SYSTEMCTL:-systemctl}" restart "$unit"
  "${KUBE_ASSAY_SYSTEMCTL:-systemctl}" is-active --quiet "$unit" ||
    fail "the kubelet does not run. Put the change back with --rollback; journalctl --unit $unit --since -5min tells why."
}

# --- rollback

roll_back() {
  if [ ! -d "$journal" ]; then
    say 'Nothing to put back: this script changed nothing here.'
    return 0
  fi
  # Refuse before anything is touched: a file that was changed since must not lose that change.
  for entry in "$journal"/*; do
    [ -f "$entry/file" ] || continue
    is_last "$entry" || continue
    path=$(cat "$entry/path"; printf x)
    path=${path%x}
    [ -e "$root$path" ] && [ "$(digest_of "$root$path")" = "$(cat "$entry/after")" ] ||
      fail "$path was changed after this script changed it. Its copy is $entry/content; put it back by hand."
  done
  for entry in $(printf '%s\n' "$journal"/* | sort -r | sed 's|.*/||'); do
    put_back "$journal/$entry"
  done
  command mv "$journal" "$state/rolled-back.$(date -u +%Y%m%dT%H%M%SZ).$$"
  [ "$restart" = no ] || restart_kubelet
  say "Put back $changes changes. Audit again."
}

# Whether no later entry is about the same file.
is_last() {
  passed=no
  for known in "$journal"/*; do
    if [ "$known" = "$1" ]; then passed=yes; continue; fi
    [ "$passed" = yes ] && [ -f "$known/file" ] && cmp -s "$known/path" "$1/path" && return 1
  done
  return 0
}

put_back() {
  changes=$((changes + 1))
  if [ -f "$1/parameter" ]; then
    name=$(cat "$1/parameter")
    say "  $name = $(cat "$1/value")"
    cat "$1/value" >"$root/proc/sys/$(printf '%s' "$name" | tr . /)"
    return 0
  fi
  path=$(cat "$1/path"; printf x)
  path=${path%x}
  if [ -f "$1/access" ]; then
    say "  $path: $(cat "$1/mode") $(cat "$1/owner")"
    command chown "$(cat "$1/owner")" "$root$path"
    command chmod "$(cat "$1/mode")" "$root$path"
    if [ -f "$1/acl" ]; then command setfacl --restore="$1/acl" 2>/dev/null || :; fi
  elif [ -f "$1/absent" ]; then
    say "  $path: removed"
    command rm -f "$root$path"
  else
    say "  $path: as before"
    partial=$(mktemp "$(dirname "$root$path")/.kube-assay.XXXXXX")
    command cp -p "$1/content" "$partial"
    command mv -f "$partial" "$root$path"
  fi
  case ":$kubelet_files:" in *":$path:"*) restart=yes ;; esac
}

# --- the run

is_wanted() {
  case " $skip " in *" $1 "*) return 1 ;; esac
  [ -n "$only" ] || return 0
  case " $only " in *" $1 "*) return 0 ;; esac
  return 1
}

is_known() {
  case " $rules " in *" $1 "*) return 0 ;; esac
  fail "there is no rule $1 in this script; --list shows them"
}

while [ "$#" -gt 0 ]; do
  case $1 in
  --apply) mode=apply ;;
  --rollback) mode=rollback ;;
  --only | --skip)
    [ "$#" -gt 1 ] || fail "$1 needs a rule"
    is_known "$2"
    if [ "$1" = --only ]; then only="$only $2"; else skip="$skip $2"; fi
    shift
    ;;
  --any-host) any_host=yes ;;
  --list)
    for rule in $rules; do say "$rule"; done
    exit 0
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

if [ "$any_host" = no ]; then
  here=$(cat "$root/etc/hostname" 2>/dev/null || uname -n)
  case $here in "$node" | "$node".*) ;; *)
    case $node in "$here".*) ;; *)
      fail "this host is called $here, and the script is for the node $node. Give --any-host if it is that node under another name."
      ;;
    esac
    ;;
  esac
fi
if [ "$mode" != dry-run ] && [ -z "$root" ] && [ "$(id -u)" != 0 ]; then fail 'run as root'; fi
make_scratch
if [ "$mode" = rollback ]; then
  roll_back
  exit 0
fi
say "Node $node, $([ "$mode" = apply ] && echo 'making changes' || echo 'dry run: nothing is changed')"

begin() { # rule, severity, problem
  say ''
  say "$1 ($2): $3"
  before_rule=$changes
}

finish() {
  say ''
  [ "$restart" = no ] || restart_kubelet
  if [ "$pods" = yes ]; then
    say 'The kubelet replaces the static pods by itself. Wait until they are Ready before the next control-plane node:'
    say "  kubectl --namespace kube-system get pods --field-selector spec.nodeName=$node --watch"
  fi
  if [ "$mode" = apply ]; then
    say "Made $changes changes, refused $refused. Copies and the journal are in $state; --rollback puts them back."
  else
    say "Would make $changes changes, refuses $refused. --apply makes them."
  fi
  [ "$refused" = 0 ] || exit 3
  exit 0
}
