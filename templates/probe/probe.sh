#!/bin/sh
# The kube-assay node probe: prints what docs/probe.md lists, in frames, on standard output.
# It reads only: no file is written, nothing stays running, no private key or Secret leaves the host. Of files that hold
# keys beside certificates (kubeconfigs, the kubelet's own .pem files) the certificates alone are taken out, here.
#
# Every record begins with "#<nonce> "; the nonce is given by the caller in a first line nonce='…'. Whatever the host
# supplies is encoded (base64, else od), so that it cannot contain that character. Fields are "=text" for harmless text
# and "~code" for all else. Records:
#   H  header      B  boot time      T  one-line file      F  file, body follows      D  directory, E lines follow
#   P  process, body follows         V  variable of it     Q  end of processes        C  command, body follows
#   A  absent      X  not readable, and why                S  stat lines, body        .  end of a body     Z  the end
#   M  a path whose stat line is wanted, not its content   K  the certificates in a file, body follows
#   L  a listing: many small files of the kernel in one table, body follows
# The braces make the shell read all of this before it runs any of it.
# shellcheck disable=SC2317  # some functions are called by name
{
unset IFS CDPATH ENV BASH_ENV
LC_ALL=C
given_path=${PATH:-}
PATH=${given_path:+$given_path:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
exec </dev/null 2>/dev/null
cd / || exit 0

nonce=${nonce:-0}
root=${KUBE_ASSAY_ROOT:-}
root=${root%/}
newline='
'
tab=$(printf '\t')
file_limit=262144
mounts_limit=1048576
total_limit=6291456
listing_limit=2097152
count_limit=3000
status_limit=1500
names_limit=5000
total=0
count=0
stat_list=
kubelet_units=
kubelet_files=
kubelet_paths=
crio_files=
containerd_files=
socket_units=
sockets="/run/containerd/containerd.sock$newline/run/crio/crio.sock$newline/run/docker.sock$newline/run/cri-dockerd.sock$newline"
manifests=
component_files=
roots="/var/lib/containerd$newline/var/lib/containers$newline/var/lib/containers/storage$newline/var/lib/docker$newline/var/lib/kubelet$newline/var/lib/etcd$newline"

if [ "$(printf a | base64)" = 'YQ==' ]; then
  encoding=base64
  encode() { base64; }
else
  encoding='od'
  encode() { od -An -v -tx1; }
fi
if timeout 5 true; then
  limited() { timeout 10 "$@"; }
elif timeout -t 5 true; then
  limited() { timeout -t 10 "$@"; }
else
  limited() { "$@"; }
fi

# Sets f to the field that stands for $1.
field() {
  case $1 in
    '' | *[!A-Za-z0-9._@:/+,=-]*) f="~$(printf %s "$1" | encode | tr -d ' \n')" ;;
    *) f="=$1" ;;
  esac
}

say_absent() {
  field "$2"
  printf '#%s A %s %s\n' "$nonce" "$1" "$f"
}

say_unread() {
  field "$2"
  printf '#%s X %s %s %s\n' "$nonce" "$1" "$f" "$3"
}

# Sets real to where $1 is. Below a root, links are followed as the host would follow them, not as this system would.
locate() {
  if [ -z "$root" ]; then
    real=$1
    return 0
  fi
  left=${1#/} walked='' hops=0
  while [ -n "$left" ]; do
    part=${left%%/*}
    case $left in
      */*) left=${left#*/} ;;
      *) left= ;;
    esac
    case $part in
      '' | .) continue ;;
      ..)
        walked=${walked%/*}
        continue
        ;;
    esac
    if [ ! -L "$root$walked/$part" ]; then
      walked=$walked/$part
      continue
    fi
    hops=$((hops + 1))
    if [ "$hops" -gt 40 ]; then
      # Nothing can be there.
      real=/dev/null/loop
      return 1
    fi
    link=$(readlink "$root$walked/$part")
    case $link in /*) walked= ;; esac
    left=$link/$left
  done
  real=$root$walked
}

# Sets resolved to where $path really is, or to nothing when it is there itself. Needs real.
resolve() {
  if [ -n "$root" ]; then
    resolved=${real#"$root"}
  elif [ -L "$real" ]; then
    resolved=$(readlink -f "$real")
  else
    parent=${real%/*}
    if cd -P "${parent:-/}"; then
      resolved=${PWD%/}/${real##*/}
    else
      resolved=
    fi
  fi
  [ "$resolved" != "$path" ] || resolved=
}

# Sets why for $1, which does not seem to exist: a folder on the way that may not be searched hides it.
explain_missing() {
  why=absent hops=0 where=$1
  while [ -n "$where" ]; do
    if [ -L "$where" ] && [ "$hops" -lt 8 ]; then
      hops=$((hops + 1))
      link=$(readlink "$where")
      case $link in
        /*) where=$link ;;
        *) where=${where%/*}/$link ;;
      esac
      continue
    fi
    where=${where%/*}
    if [ -d "${where:-/}" ]; then
      [ -x "${where:-/}" ] || why=denied
      return 0
    fi
  done
}

say_missing() {
  explain_missing "$real"
  case $why in
    absent) say_absent "$1" "$path" ;;
    *) say_unread "$1" "$path" "$why" ;;
  esac
}

# Whether the kernel answers for the host when $1 is read here. Below a root, a reader in namespaces of its own is told of those:
# such a value would be the container's, and is not taken.
is_hosts_view() {
  # Without the link to the reader it is a tree of files, which no kernel answers for.
  if [ -z "$root" ] || [ ! -L "$root/proc/self" ]; then return 0; fi
  case $1 in
    /proc/self/* | /proc/thread-self/* | /proc/net/*) return 1 ;;
    /proc/sys/net/*) namespace=net ;;
    /proc/sys/user/*) namespace=user ;;
    /proc/sys/kernel/hostname | /proc/sys/kernel/domainname) namespace=uts ;;
    /proc/sys/kernel/shm* | /proc/sys/kernel/msg* | /proc/sys/kernel/sem* | /proc/sys/fs/mqueue/*) namespace=ipc ;;
    *) return 0 ;;
  esac
  own=$(readlink "$root/proc/self/ns/$namespace")
  [ -n "$own" ] && [ "$own" = "$(readlink "$root/proc/1/ns/$namespace")" ]
}

# The kernel's one-line values, with less work than a file takes. (`read` will not do: it reads byte by byte, and
# /proc/sys answers only the first.)
value() {
  path=$1
  locate "$path"
  if [ ! -f "$real" ] || [ ! -r "$real" ] || ! is_hosts_view "$path"; then
    file raw "$path"
    return 0
  fi
  text=$(head -c 4096 "$real" && printf .)
  case $text in *"$newline".) ;; *) text=/ ;; esac
  text=${text%"$newline".}
  case $text in
    '' | *[!A-Za-z0-9._:,+-]*) file raw "$path" ;;
    *)
      field "$path"
      printf '#%s T %s =%s\n' "$nonce" "$f" "$text"
      ;;
  esac
}

# Takes the keys out of an EncryptionConfiguration: what stands behind "secret:", on its line or on the next.
without_keys() {
  sed -e 's/\(secret[^A-Za-z0-9:]\{0,1\}[[:space:]]*:\)[^A-Za-z0-9+\/]*[A-Za-z0-9+\/][A-Za-z0-9+\/=_-]*[^A-Za-z0-9,}[:space:]]\{0,1\}/\1 "<redacted>"/g' \
    -e '/secret[^A-Za-z0-9:]\{0,1\}[[:space:]]*:[^A-Za-z]*$/{' -e n -e 's/[^[:space:]].*/"<redacted>"/' -e '}'
}

# Takes tokens, keys and the address of a database with its password out of the settings of k3s and RKE2, line by line. What stands
# on lines of its own is taken out where it arrives.
without_tokens() {
  sed -e "s/^\([[:space:]]*[\"']\{0,1\}[a-z-]*token[\"']\{0,1\}[[:space:]]*:\).*/\1 \"<redacted>\"/" \
    -e "s/^\([[:space:]]*[\"']\{0,1\}datastore-endpoint[\"']\{0,1\}[[:space:]]*:\)[[:space:]]*[\"']\{0,1\}\([a-z0-9+]*:\/\/\).*/\1 \"\2<redacted>\"/;t" \
    -e "s/^\([[:space:]]*[\"']\{0,1\}datastore-endpoint[\"']\{0,1\}[[:space:]]*:\).*/\1 \"<redacted>\"/" \
    -e "s/^\([[:space:]]*[\"']\{0,1\}etcd-s3-[a-z]*-key[\"']\{0,1\}[[:space:]]*:\).*/\1 \"<redacted>\"/" \
    -e "s/^\([[:space:]]*[\"']\{0,1\}vpn-auth[\"']\{0,1\}[[:space:]]*:\).*/\1 \"<redacted>\"/" \
    -e 's/^\([[:space:]]*[A-Z0-9_]*TOKEN=\).*/\1<redacted>/' -e 's/^\([[:space:]]*[A-Z0-9_]*DATASTORE_ENDPOINT=\).*/\1<redacted>/'
}

# file <kind> <path> [<limit>]: the kind says how the caller takes secrets out.
file() {
  kind=$1 path=$2 limit=${3:-$file_limit}
  case $newline$seen in *"$newline$path$newline"*) return 0 ;; esac
  case $path in
    *"$newline"*) ;;
    *)
      seen=$seen$path$newline
      [ -z "$reading_kubelet" ] || kubelet_paths=$kubelet_paths$path$newline
      ;;
  esac
  if ! is_hosts_view "$path"; then
    say_unread F "$path" namespace
    return 0
  fi
  locate "$path"
  if [ ! -f "$real" ]; then
    resolve
    if [ "$resolved" = /dev/null ]; then
      # How systemd masks a file: it is there, and empty.
      field "$path"
      printf '#%s F %s %s =/dev/null %s\n#%s . 0\n' "$nonce" "$kind" "$f" "$limit" "$nonce"
    elif [ -d "$real" ]; then
      say_unread F "$path" directory
    elif [ -e "$real" ]; then
      say_unread F "$path" special
    else
      say_missing F
    fi
    return 0
  fi
  if [ ! -r "$real" ]; then
    say_unread F "$path" denied
    return 0
  fi
  count=$((count + 1))
  if [ "$count" -gt "$count_limit" ] || [ "$total" -gt "$total_limit" ]; then
    say_unread F "$path" limit
    return 0
  fi
  resolve
  case $kind in
    keys) body=$({ { head -c $((limit + 1)) "$real" || printf '!' >&3; } | without_keys | encode; } 3>&1) ;;
    rancher | env) body=$({ { head -c $((limit + 1)) "$real" || printf '!' >&3; } | without_tokens | encode; } 3>&1) ;;
    *) body=$({ { head -c $((limit + 1)) "$real" || printf '!' >&3; } | encode; } 3>&1) ;;
  esac
  case $body in
    *!*)
      say_unread F "$path" failed
      return 0
      ;;
  esac
  total=$((total + ${#body}))
  field "$resolved"
  resolved=$f
  field "$path"
  printf '#%s F %s %s %s %s\n%s\n#%s . 0\n' "$nonce" "$kind" "$f" "$resolved" "$limit" "$body" "$nonce"
  case $real in *"$newline"*) return 0 ;; esac
  case $path in
    */kubelet.service | */kubelet.service.d/* | */k3s.service | */k3s.service.d/* | */k3s-agent.service | */k3s-agent.service.d/*)
      kubelet_units=$kubelet_units$real$newline
      ;;
    /etc/crio/*) crio_files=$crio_files$real$newline ;;
    *.socket | *.socket.d/*) socket_units=$socket_units$real$newline ;;
  esac
  [ "$kind" != manifest ] || manifests=$manifests$real$newline
  [ -z "$reading_kubelet" ] || kubelet_files=$kubelet_files$real$newline
  [ -z "$reading_containerd" ] || containerd_files=$containerd_files$real$newline
  case $kind$real in
    raw* | *[!A-Za-z0-9._@:/+,=-]*) ;;
    *) stat_list=$stat_list$real$newline ;;
  esac
}

# A path that the host's configuration names. Never the kernel's own trees, keys or credentials.
named_file() {
  case $2 in
    /*) ;;
    *)
      say_unread F "$2" relative
      real=
      return 0
      ;;
  esac
  path=$2
  locate "$path"
  resolve
  for candidate in "$path" "$resolved"; do
    case $candidate in
      /proc/* | /sys/* | /dev/* | */shadow* | */gshadow* | *.key | *.pem | *kubeconfig* | */.ssh/* | */secrets/*)
        say_unread F "$path" refused
        real=
        return 0
        ;;
    esac
  done
  file "$1" "$2"
}

# directory <path> [<kind> <suffix>]: its entries, and the files among them that end so.
directory() {
  folder=$1
  path=$1
  locate "$path"
  if [ ! -d "$real" ]; then
    if [ -e "$real" ]; then say_unread D "$path" special; else say_missing D; fi
    return 0
  fi
  if [ ! -r "$real" ] || [ ! -x "$real" ]; then
    say_unread D "$path" denied
    return 0
  fi
  resolve
  field "$resolved"
  folder_resolved=$f
  names='' named=0
  list "$real" '' 0 "${2:-}" "${3:-}" "${4:-}"
  field "$folder"
  if [ "$named" -gt "$names_limit" ]; then
    printf '#%s X D %s limit\n' "$nonce" "$f"
  else
    printf '#%s D %s %s\n#%s E%s\n#%s . 0\n' "$nonce" "$f" "$folder_resolved" "$nonce" "$names" "$nonce"
  fi
}

# list <folder> <prefix> <depth> <kind> <suffix> <recursive>: adds to names, reads files with the suffix.
list() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    named=$((named + 1))
    [ "$named" -le "$names_limit" ] || return 0
    name=$2${entry##*/}
    if [ -n "$6" ] && [ -d "$entry" ] && [ ! -L "$entry" ]; then
      [ "$3" -ge 16 ] || list "$entry" "$name/" $(($3 + 1)) "$4" "$5" "$6"
      continue
    fi
    field "$name"
    names="$names $f"
    [ -n "$5" ] || continue
    case $name in *"$5") file "$4" "$folder/$name" ;; esac
  done
}

# Only where a path leads: nothing inside is listed.
storage() {
  path=$1
  locate "$path"
  if [ ! -d "$real" ]; then
    if [ -e "$real" ]; then say_unread D "$path" special; else say_missing D; fi
    return 0
  fi
  if [ -z "$root" ] && ! cd -P "$real"; then
    # It may not be entered, which is fine: only its place is wanted.
    resolve
  elif [ -z "$root" ]; then
    resolved=$PWD
    [ "$resolved" != "$path" ] || resolved=
  else
    resolve
  fi
  storage_place=${resolved:-$path}
  field "$resolved"
  resolved=$f
  field "$path"
  printf '#%s D %s %s\n#%s . 0\n' "$nonce" "$f" "$resolved" "$nonce"
  xfs_info_of "$storage_place"
}

# Below a root, the commands of this system would tell about this system: only those of the given PATH are asked, or those of
# the host itself, run with its root for theirs.
find_command() {
  if [ "${KUBE_ASSAY_COMMANDS:-}" = chroot ]; then
    for place in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
      locate "$place/$1"
      if [ -f "$real" ] && [ -x "$real" ]; then
        found=$place/$1
        return 0
      fi
    done
    return 1
  fi
  if [ -z "$root" ]; then
    found=$(command -v "$1")
    case $found in /*) return 0 ;; *) return 1 ;; esac
  fi
  IFS=:
  set -f
  for place in $given_path; do
    if [ -f "$place/$1" ] && [ -x "$place/$1" ]; then
      unset IFS
      set +f
      found=$place/$1
      return 0
    fi
  done
  unset IFS
  set +f
  return 1
}

# Fails where a command of the host may not be run from here.
can_run() {
  [ "${KUBE_ASSAY_COMMANDS:-}" = chroot ] || return 0
  if [ -z "$chroot_works" ]; then
    if chroot "$root/" /bin/sh -c :; then chroot_works=yes; else chroot_works=no; fi
  fi
  [ "$chroot_works" = yes ]
}

# The exit status is the last line of the body.
ask() {
  if ! find_command "$1"; then
    say_absent C "$*"
    return 0
  fi
  if ! can_run; then
    say_unread C "$*" chroot
    return 0
  fi
  field "$*"
  asked=$f
  shift
  case ${KUBE_ASSAY_COMMANDS:-} in
    chroot) set -- chroot "$root/" "$found" "$@" ;;
    *) set -- "$found" "$@" ;;
  esac
  body=$({
    limited "$@" 2>&1
    printf '\n%s' "$?"
  } | head -c 16384 | encode)
  printf '#%s C %s\n%s\n#%s . 0\n' "$nonce" "$asked" "$body" "$nonce"
}

# xfs_info of every XFS mount point that $1 may be on.
xfs_info_of() {
  IFS=$newline
  set -f
  for point in $xfs_points; do
    unset IFS
    set +f
    case $1/ in
      "${point%/}"/*)
        case $asked_points in
          *"$newline$point$newline"*) ;;
          *)
            asked_points=$asked_points$point$newline
            ask xfs_info "$point"
            ;;
        esac
        ;;
    esac
  done
  unset IFS
  set +f
}

# pick <flag> …: sets picked to the last value that the process' arguments give one of them.
pick() {
  picked='' pending=''
  IFS=$newline
  set -f
  for argument in $arguments; do
    if [ -n "$pending" ]; then
      picked=$argument pending=''
      continue
    fi
    for flag in "$@"; do
      case $argument in
        "$flag") pending=1 ;;
        "$flag"=*) picked=${argument#*=} ;;
      esac
    done
  done
  unset IFS
  set +f
}

# Whether the host's own root runs process $1: a container can call its processes as it likes.
is_host_daemon() {
  uid='' levels=1
  if [ ! -r "$1/status" ]; then return 0; fi
  while IFS=$tab read -r key first rest; do
    case $key in
      Uid:) uid=$first ;;
      NSpid:)
        case $rest in ?*) levels=2 ;; esac
        break
        ;;
    esac
  done <"$1/status"
  [ "${uid:-0}" = 0 ] && [ "$levels" = 1 ]
}

# Whether the paths in the arguments of process $1 mean the host's files.
shares_mounts() {
  own=$(readlink "$1/ns/mnt")
  first=$(readlink "${1%/*}/1/ns/mnt")
  [ -z "$own" ] || [ -z "$first" ] || [ "$own" = "$first" ]
}

process() {
  pid=${1##*/}
  ticks=
  IFS= read -r line <"$1/stat"
  set -f
  # shellcheck disable=SC2086  # fields after the name, which may hold spaces and parentheses
  set -- "$1" ${line##*) }
  set +f
  ticks=${21:-}
  case $ticks in *[!0-9]*) ticks= ;; esac
  field "$comm"
  process_name=$f
  field "$(readlink "$1/exe")"
  body=$({ { head -c 131073 "$1/cmdline" || printf '!' >&3; } | encode; } 3>&1)
  case $body in
    '') return 0 ;;
    *!*)
      [ ! -d "$1" ] || hidden=1
      return 0
      ;;
  esac
  printf '#%s P %s %s %s %s\n%s\n#%s . 0\n' "$nonce" "$pid" "$process_name" "$f" "${ticks:--}" "$body" "$nonce"
  arguments=$(head -c 131072 "$1/cmdline" | tr '\n\000' '\001\n')
  note_paths "$1"
  case $comm in
    kubelet | containerd | crio | dockerd | cri-dockerd)
      sockets=$sockets$(printf '%s\n' "$arguments" | sed -n 's/^.*unix:\/\/\(\/.*\)$/\1/p')$newline
      pick --address -a --listen
      sockets=$sockets$picked$newline
      ;;
    kube-proxy) note_proxy "$1" ;;
  esac
  case $comm in
    kubelet)
      dropins=$(tr '\n\000' '\001\n' <"$1/environ" | sed -n 's/^KUBELET_CONFIG_DROPIN_DIR_ALPHA=//p')
      if [ -n "$dropins" ]; then
        field "$dropins"
        printf '#%s V %s KUBELET_CONFIG_DROPIN_DIR_ALPHA %s\n' "$nonce" "$pid" "$f"
      fi
      kubelet_runs=1
      pick --config
      kubelet_config=$picked
      pick --config-dir --config_dir
      kubelet_dropins=${picked:-$dropins}
      pick --pod-manifest-path --pod_manifest_path
      static_pods=$static_pods$picked$newline
      pick --cert-dir --cert_dir
      kubelet_certificates=$picked
      pick --root-dir --root_dir
      kubelet_root=$picked
      roots=$roots$picked$newline
      pick --cni-conf-dir --cni_conf_dir
      cni_folders=$cni_folders$picked$newline
      shares_mounts "$1" || kubelet_apart=1
      ;;
    kube-apiserver) named_by_component "$1" authorization-config authentication-config encryption-provider-config \
      admission-control-config-file audit-policy-file ;;
    kube-scheduler) named_by_component "$1" config ;;
    etcd)
      named_by_component "$1" config-file
      etcd_environment "$1"
      ;;
    containerd)
      shares_mounts "$1" || return 0
      pick --config -c
      containerd_config=${picked:-$containerd_config}
      pick --root
      roots=$roots$picked$newline
      ;;
    k3s | k3s-server | k3s-agent) k3s_environment "$1" ;;
    kubelite) microk8s_runs=1 ;;
    crio)
      shares_mounts "$1" || return 0
      pick --root -r
      roots=$roots$picked$newline
      ;;
    dockerd)
      shares_mounts "$1" || return 0
      pick --data-root --graph -g
      roots=$roots$picked$newline
      ;;
  esac
}

# named_by_component <process> <flag> …: notes structured files that a process of the host itself names. A container can call
# its processes as it likes: what static pods name is read off their manifests, which only root writes.
named_by_component() {
  component=$1
  shares_mounts "$component" && [ -n "$own" ] || return 0
  shift
  for component_flag in "$@"; do
    under_scored=$(printf %s "$component_flag" | tr - _)
    pick "--$component_flag" "--$under_scored" "-$component_flag"
    case $component_flag in encryption*) component_kind=keys ;; *) component_kind=conf ;; esac
    [ -z "$picked" ] || component_files=$component_files$component_kind$tab$picked$newline
  done
}

# A kube-proxy in a pod reads its configuration from a volume, which the kubelet keeps on the host. Where that is, the kernel
# tells: what is below a container's own root is not looked at, since a container can lay links there.
note_proxy() {
  pick --config
  case $picked in
    */../* | *[!A-Za-z0-9._/-]*) return 0 ;;
    /*) ;;
    *) return 0 ;;
  esac
  proxies=$proxies$(sed -n 's/^[0-9]* [0-9]* [0-9:]* [^ ]*\/\(pods\/[0-9a-f-]*\/volumes\/kubernetes\.io~configmap\/[A-Za-z0-9._-]*\) \([^ ]*\) .*$/\1 \2/p' "$1/mountinfo" |
    while read -r volume mounted_at; do
      case $picked in "$mounted_at"/*) printf '%s %s/%s\n' "$pid" "$volume" "${picked#"$mounted_at"/}" ;; esac
    done)$newline
}

proxy_configuration() {
  proxy_file=${kubelet_root:-/var/lib/kubelet}/${1#* }
  locate "$proxy_file"
  path=$proxy_file
  resolve
  volume=${1#* }
  while case $volume in pods/*/volumes/*/*/*) true ;; *) false ;; esac; do volume=${volume%/*}; done
  case ${resolved:-$path} in */"$volume"/*) ;; *) return 0 ;; esac
  named_file conf "$proxy_file"
  field "$proxy_file"
  printf '#%s V %s CONFIGURATION_ON_HOST %s\n' "$nonce" "${1%% *}" "$f"
}

# etcd may be configured by its environment alone. Only settings that cannot hold a secret are given with their value.
etcd_environment() {
  variables=$(tr '\n\000' '\001\n' <"$1/environ") || return 0
  printf '#%s V %s\n' "$nonce" "$pid"
  IFS=$newline
  set -f
  for variable in $variables; do
    case ${variable%%=*} in
      ETCD_*[!A-Z0-9_]*) continue ;;
      ETCD_CERT_FILE | ETCD_KEY_FILE | ETCD_TRUSTED_CA_FILE | ETCD_CLIENT_CERT_AUTH | ETCD_AUTO_TLS | ETCD_CONFIG_FILE | \
        ETCD_PEER_CERT_FILE | ETCD_PEER_KEY_FILE | ETCD_PEER_TRUSTED_CA_FILE | ETCD_PEER_CLIENT_CERT_AUTH | \
        ETCD_PEER_AUTO_TLS | ETCD_DATA_DIR | ETCD_LISTEN_CLIENT_URLS | ETCD_LISTEN_PEER_URLS | ETCD_TLS_MIN_VERSION | \
        ETCD_CIPHER_SUITES)
        field "${variable#*=}"
        ;;
      ETCD_*) field '<redacted>' ;;
      *) continue ;;
    esac
    printf '#%s V %s %s %s\n' "$nonce" "$pid" "${variable%%=*}" "$f"
    case ${variable%%=*} in
      ETCD_CONFIG_FILE) shares_mounts "$1" && [ -n "$own" ] && component_files=${component_files}conf$tab${variable#*=}$newline ;;
    esac
  done
  unset IFS
  set +f
}

# k3s hides its arguments, and some of its settings may stand in the environment; of the database's address the scheme is told.
# The others, such as K3S_TOKEN, are not.
k3s_environment() {
  k3s_runs=1
  [ -r "$1/environ" ] || return 0
  variables=$(tr '\n\000' '\001\n' <"$1/environ" | 
    sed -n -e '/^K3S_CONFIG_FILE=/p;/^K3S_DATA_DIR=/p;/^K3S_DATASTORE_CAFILE=/p;/^K3S_DATASTORE_CERTFILE=/p;/^K3S_DATASTORE_KEYFILE=/p' \
      -e 's/^\(K3S_DATASTORE_ENDPOINT=[a-z0-9+]*:\/\/\).*/\1/p;t' -e 's/^\(K3S_DATASTORE_ENDPOINT=\)..*/\1set/p')
  printf '#%s V %s\n' "$nonce" "$pid"
  IFS=$newline
  set -f
  for variable in $variables; do
    field "${variable#*=}"
    printf '#%s V %s %s %s\n' "$nonce" "$pid" "${variable%%=*}" "$f"
    case $variable in
      K3S_CONFIG_FILE=*) k3s_config=${variable#*=} ;;
      K3S_DATA_DIR=*) k3s_data=${variable#*=} ;;
    esac
  done
  unset IFS
  set +f
}

# Notes the files that the arguments of process $1 name, for status() and certificates(). Paths in a container that are
# not the host's are left out: what the host has there is another file.
note_paths() {
  flag='' noted=0
  IFS=$newline
  set -f
  for argument in $arguments; do
    case $argument in
      -*=*) flag=${argument%%=*} value=${argument#*=} ;;
      -*)
        flag=$argument
        continue
        ;;
      *) value=$argument ;;
    esac
    case $flag$value in
      --*kubeconfig/* | --*[_-]file/* | --*cafile/* | --*certfile/* | --*keyfile/* | --data[_-]dir/* | \
        --*certificate/* | --*certificate[_-]authority/* | --*client[_-]key/* | --config/*)
        noted=$((noted + 1))
        # A component names some thirty; what calls itself one may name any number.
        if [ "$noted" -gt 200 ]; then
          say_unread M "$value" limit
          break
        fi
        if is_host_file "$1" "$value"; then note_path "$flag" "$value"; else say_unread M "$value" elsewhere; fi
        ;;
    esac
    flag=
  done
  unset IFS
  set +f
}

note_path() {
  case $1 in
    --*kubeconfig) kubeconfigs=$kubeconfigs$2$newline ;;
    --data[_-]dir)
      status_paths=$status_paths$2$newline
      roots=$roots$2$newline
      ;;
    --config) [ "$comm" != kube-proxy ] || proxy_config=$2 ;;
    *)
      status_paths=$status_paths$2$newline
      case $1 in
        --*cert[_-]file | --*certfile | --*ca[_-]file | --*cafile | --*certificate | --*certificate[_-]authority)
          certificate_files=$certificate_files$2$newline
          ;;
        --*key[_-]file | --*keyfile | --*client[_-]key) ;;
        *) return 0 ;;
      esac
      [ "$comm" = kubelet ] || pki_folders=$pki_folders${2%/*}$newline
      ;;
  esac
}

# Whether path $2 means the same file for process $1 as for the host, as far as that can be told.
is_host_file() {
  [ -d "$1/root/" ] || return 0
  locate "$2"
  # shellcheck disable=SC3013  # dash, bash, busybox and ksh have it
  if [ -e "$1/root$2" ]; then [ "$1/root$2" -ef "$real" ]; else [ ! -e "$real" ]; fi
}

processes() {
  kubeconfigs='' status_paths='' certificate_files='' pki_folders='' static_pods='' cni_folders='' proxy_config=''
  kubelet_certificates='' kubelet_root='' proxies=''
  k3s_runs='' k3s_config='' k3s_data='' microk8s_runs=''
  hidden=0 kubelet_runs='' kubelet_config='' kubelet_dropins='' kubelet_apart='' containerd_config=''
  locate /proc
  process_folder=$real
  if [ ! -d "$process_folder" ]; then
    printf '#%s Q unsupported\n' "$nonce"
    return 0
  fi
  boot=$(sed -n 's/^btime \([0-9]*\)$/\1/p' "$process_folder/stat")
  printf '#%s B %s %s\n' "$nonce" "${boot:--}" "$(getconf CLK_TCK || printf 100)"
  # Without process 1, /proc shows this user's own processes only.
  [ "$euid" = 0 ] || [ -d "$process_folder/1" ] || hidden=1
  time_daemons=
  for candidate_process in "$process_folder"/[0-9]*; do
    comm=
    if [ ! -r "$candidate_process/comm" ]; then
      [ ! -e "$candidate_process/comm" ] || hidden=1
      continue
    fi
    IFS= read -r comm <"$candidate_process/comm"
    case $comm in
      kubelet | containerd | crio | dockerd | cri-dockerd | k3s | k3s-server | k3s-agent | rke2 | k0s | kubelite)
        if is_host_daemon "$candidate_process"; then process "$candidate_process"; fi
        ;;
      kube-apiserver | kube-controller | kube-controller-manager | kube-scheduler | etcd | kube-proxy | hyperkube)
        process "$candidate_process"
        ;;
      chronyd | ntpd | systemd-timesyn | ntp-daemon | openntpd | ptp4l | phc2sys) time_daemons=$time_daemons$comm$newline ;;
    esac
  done
  if [ "$hidden" = 0 ]; then
    printf '#%s Q complete\n' "$nonce"
  else
    printf '#%s Q hidden\n' "$nonce"
  fi
}

# unit <name>: the unit and its drop-ins, wherever systemd looks.
unit() {
  for unit_folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system \
    /usr/lib/systemd/system /lib/systemd/system; do
    file unit "$unit_folder/$1"
    directory "$unit_folder/$1.d" unit .conf
  done
}

# lines_of <newline-separated files> <sed program>: of the first 256 KiB of each.
lines_of() {
  IFS=$newline
  set -f
  for source in $1; do
    head -c "$file_limit" "$source"
    printf '\n'
  done | sed -n "$2"
  unset IFS
  set +f
}

each_line() {
  IFS=$newline
  set -f
  # shellcheck disable=SC2086  # one word a line
  for line_word in $2; do
    unset IFS
    set +f
    "$1" "$line_word"
  done
  unset IFS
  set +f
}

environment_file() {
  case $1 in
    *[*?[]*)
      locate "${1%/*}"
      case ${1%/*} in *[*?[]*) return 0 ;; esac
      for match in "$real"/*; do
        # shellcheck disable=SC2254  # the unit's own pattern
        case ${match##*/} in ${1##*/}) named_file env "${1%/*}/${match##*/}" ;; esac
      done
      ;;
    *) named_file env "$1" ;;
  esac
}

kubelet_configuration() {
  reading_kubelet=1
  if [ -z "$kubelet_runs" ]; then
    file conf /var/lib/kubelet/config.yaml
  elif [ -n "$kubelet_apart" ]; then
    [ -z "$kubelet_config" ] || say_unread F "$kubelet_config" elsewhere
    [ -z "$kubelet_dropins" ] || say_unread D "$kubelet_dropins" elsewhere
  else
    [ -z "$kubelet_config" ] || named_file conf "$kubelet_config"
    case $kubelet_dropins in
      '') ;;
      /proc/* | /sys/* | /dev/*) say_unread D "$kubelet_dropins" refused ;;
      /*) directory "$kubelet_dropins" conf .conf recursive ;;
      *) say_unread D "$kubelet_dropins" relative ;;
    esac
  fi
  file conf /var/lib/kubelet/instance-config.yaml
  reading_kubelet=
}

# What distributions keep in places of their own, where the components' command lines do not say it.
distributions() {
  reading_kubelet=1
  rancher k3s "$k3s_config" "$k3s_data"
  rancher rke2 '' ''
  reading_kubelet=
  [ -z "$microk8s_runs" ] || microk8s
  locate /var/lib/k0s
  [ ! -d "$real" ] || kubeconfigs=$kubeconfigs/var/lib/k0s/pki/admin.conf$newline
}

# rancher <k3s or rke2> <configuration file> <data folder>: both keep the same things in the same order.
rancher() {
  locate "/etc/rancher/$1"
  rancher_etc=$real
  locate "${3:-/var/lib/rancher/$1}"
  [ -d "$rancher_etc" ] || [ -d "$real" ] || return 0
  rancher_config=${2:-/etc/rancher/$1/config.yaml}
  named_file rancher "$rancher_config"
  rancher_file=$real
  directory "$rancher_config.d" rancher .yaml
  rancher_data=$3
  if [ -z "$rancher_data" ]; then
    rancher_data=$(lines_of "$rancher_file" "s/^data-dir:[[:space:]]*[\"']\{0,1\}\(\/[^\"'[:space:]]*\).*/\1/p" | tail -n 1)
  fi
  rancher_data=${rancher_data:-/var/lib/rancher/$1}
  registry_files=$registry_files$(
    lines_of "$rancher_file$newline$kubelet_units" \
      "s/^private-registry:[[:space:]]*[\"']\{0,1\}\(\/[^\"'[:space:]]*\).*/\1/p;s/^.*--private-registry[= ][\"']\{0,1\}\(\/[^\"'[:space:]]*\).*/\1/p"
  )$newline
  rancher_data=${rancher_data%/}
  directory "$rancher_data/agent/etc/kubelet.conf.d" conf .conf recursive
  kubeconfigs=$kubeconfigs/etc/rancher/$1/$1.yaml$newline
  for rancher_name in admin supervisor controller scheduler; do
    kubeconfigs=$kubeconfigs$rancher_data/server/cred/$rancher_name.kubeconfig$newline
  done
  for rancher_name in kubelet kubeproxy; do
    kubeconfigs=$kubeconfigs$rancher_data/agent/$rancher_name.kubeconfig$newline
  done
  pki_folders=$pki_folders$rancher_data/server/tls$newline
  status_paths=$status_paths$rancher_data/server/db/etcd$newline$rancher_data/agent/serving-kubelet.key$newline
  for rancher_name in client-ca serving-kubelet client-kubelet; do
    status_paths=$status_paths$rancher_data/agent/$rancher_name.crt$newline
    certificate_files=$certificate_files$rancher_data/agent/$rancher_name.crt$newline
  done
  static_pods=$static_pods$rancher_data/agent/pod-manifests$newline
  component_files=${component_files}conf$tab$rancher_data/server/db/etcd/config$newline
  component_files=${component_files}keys$tab$rancher_data/server/cred/encryption-config.json$newline
  for component_flag in authorization-config authentication-config admission-control-config-file audit-policy-file \
    encryption-provider-config; do
    case $component_flag in encryption*) component_kind=keys ;; *) component_kind=conf ;; esac
    component_files=$component_files$(
      lines_of "$rancher_file$newline$kubelet_units" \
        "s/^.*$component_flag=\(\/[^\"'[:space:]]*\).*/$component_kind$tab\1/p"
    )$newline
  done
}

microk8s() {
  snap=/var/snap/microk8s
  for microk8s_component in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet k8s-dqlite etcd; do
    file args "$snap/current/args/$microk8s_component"
    locate "$snap/current/args/$microk8s_component"
    [ -r "$real" ] || continue
    comm=$microk8s_component
    arguments=$(sed -e "s/[\"']//g" -e "s|[\$]{\{0,1\}SNAP_DATA}\{0,1\}|$snap/current|g" \
      -e "s|[\$]{\{0,1\}SNAP_COMMON}\{0,1\}|$snap/common|g" -e 's/^\(--[^=[:space:]]*\)[[:space:]]\{1,\}/\1=/' "$real")
    status_paths=$status_paths$snap/current/args/$microk8s_component$newline
    note_paths /nowhere
    case $comm in
      kube-apiserver)
        for component_flag in authorization-config authentication-config admission-control-config-file audit-policy-file \
          encryption-provider-config; do
          pick "--$component_flag"
          case $component_flag in encryption*) component_kind=keys ;; *) component_kind=conf ;; esac
          [ -z "$picked" ] || component_files=$component_files$component_kind$tab$picked$newline
        done
        ;;
      kubelet)
        pick --cert-dir
        kubelet_certificates=$picked
        pick --root-dir
        kubelet_root=$picked
        ;;
    esac
  done
  kubeconfigs=$kubeconfigs$snap/current/credentials/client.config$newline
}

runtimes() {
  reading_containerd=1
  named_file conf "${containerd_config:-/etc/containerd/config.toml}"
  containerd_file=$real
  reading_containerd=
  file conf /etc/crio/crio.conf
  directory /etc/crio/crio.conf.d conf .conf
  file conf /etc/docker/daemon.json
  docker_file=$real
  file conf /etc/containers/storage.conf
  file conf /usr/share/containers/storage.conf
  imports=$(lines_of "$containerd_file" '/^[[:space:]]*imports[[:space:]]*=/,/\]/p' | tr ',' '\n' | sed -n "s/^[^\"']*[\"']\([^\"']*\)[\"'].*/\1/p")
  reading_containerd=1
  each_line imported "$imports"
  reading_containerd=
  file conf /etc/crictl.yaml
  registries
  for socket_unit in docker cri-docker; do unit "$socket_unit.socket"; done
  for service in containerd crio docker cri-docker; do unit "$service.service"; done
  for runtime in containerd crio dockerd; do ask "$runtime" --version; done
  toml_root="s/^[[:space:]]*root[[:space:]]*=[[:space:]]*[\"']\\(\\/[^\"']*\\)[\"'].*/\\1/p"
  json_root='s/.*"data-root"[[:space:]]*:[[:space:]]*"\(\/[^"]*\)".*/\1/p;s/.*"graph"[[:space:]]*:[[:space:]]*"\(\/[^"]*\)".*/\1/p'
  roots=$roots$(lines_of "$containerd_file$newline$crio_files" "$toml_root")$newline
  roots=$roots$(lines_of "$docker_file" "$json_root")$newline
}

# A file, or a folder's files, that containerd's configuration imports.
imported() {
  import=$1
  case $import in
    /*) ;;
    *)
      import=${containerd_config:-/etc/containerd/config.toml}
      import=${import%/*}/$1
      ;;
  esac
  case $import in
    /proc/* | /sys/* | /dev/* | *[*?[]*/*) ;;
    */*[*?[]*) directory "${import%/*}" conf ".${import##*.}" ;;
    *) named_file conf "$import" ;;
  esac
}

# What the runtimes are told of registries: containerd's folders of hosts, the files that CRI-O shares with podman, those of
# k3s and RKE2. Credentials in them are replaced where they arrive, as in every configuration.
registries() {
  registry_folders=$newline registry_hosts=0
  config_paths=$(lines_of "$containerd_files" "s/^[[:space:]]*config_path[[:space:]]*=[[:space:]]*[\"']\([^\"']*\)[\"'].*/\1/p" | tr ':' '\n')
  each_line registry_folder "/etc/containerd/certs.d$newline/etc/docker/certs.d$newline$config_paths"
  file conf /etc/containers/registries.conf
  directory /etc/containers/registries.conf.d conf .conf
  for distribution in k3s rke2; do file conf "/etc/rancher/$distribution/registries.yaml"; done
  each_line registry_file "$registry_files"
}

registry_file() { named_file conf "$1"; }

registry_folder() {
  case $1 in /proc/* | /sys/* | /dev/*) return 0 ;; /?*) ;; *) return 0 ;; esac
  set -- "${1%/}"
  case $registry_folders in *"$newline$1$newline"*) return 0 ;; esac
  registry_folders=$registry_folders$1$newline
  directory "$1"
  locate "$1"
  for registry_host in "$real"/*; do
    [ -e "$registry_host" ] || continue
    registry_hosts=$((registry_hosts + 1))
    [ "$registry_hosts" -le 500 ] || return 0
    named_file conf "$1/${registry_host##*/}/hosts.toml"
  done
}

# Who may speak to a runtime may start any container, so its socket is as good as root.
runtime_sockets() {
  toml_socket="s/^[[:space:]]*address[[:space:]]*=[[:space:]]*[\"']\(\/[^\"']*\)[\"'].*/\1/p;s/^[[:space:]]*listen[[:space:]]*=[[:space:]]*[\"']\(\/[^\"']*\)[\"'].*/\1/p"
  kubelet_socket="s/^[^#]*containerRuntimeEndpoint[\"']\{0,1\}[[:space:]]*:[[:space:]]*[\"']\{0,1\}unix:\/\/\(\/[^\"'#[:space:]]*\).*/\1/p"
  socket_groups=' 0 ' sockets_asked=$newline
  each_line runtime_socket "$sockets$(lines_of "$containerd_files$crio_files" "$toml_socket")$newline$(
    lines_of "$kubelet_files" "$kubelet_socket"
    lines_of "$socket_units" 's/^ListenStream[[:space:]]*=[[:space:]]*\(\/[^[:space:]]*\).*/\1/p'
    lines_of "$docker_file" p | tr ',[]"' '\n' | sed -n 's/^unix:\/\///p'
  )"
}

runtime_socket() {
  case $sockets_asked in *"$newline$1$newline"*) return 0 ;; esac
  sockets_asked=$sockets_asked$1$newline
  status "$1"
  locate "$1"
  [ -e "$real" ] || return 0
  socket_group=$(stat -L -c %g "$real")
  case $socket_groups in *" $socket_group "*) return 0 ;; esac
  socket_groups="$socket_groups$socket_group "
  case $socket_group in '' | *[!0-9]*) return 0 ;; esac
  locate /etc/passwd
  if [ -r "$real" ]; then
    # Accounts of this system that have it as their first group: their names alone.
    field "first group $socket_group"
    printf '#%s C %s\n%s\n#%s . 0\n' "$nonce" "$f" "$({
      sed -n "s/^\([^:]*\):[^:]*:[^:]*:$socket_group:.*/\1/p" "$real"
      printf '\n0'
    } | encode)" "$nonce"
  fi
  if [ -z "$root" ]; then
    ask getent group "$socket_group"
    return 0
  fi
  # This system's groups are not those of the host below the root.
  locate /etc/group
  [ -r "$real" ] || return 0
  field "getent group $socket_group"
  printf '#%s C %s\n%s\n#%s . 0\n' "$nonce" "$f" "$({
    sed -n "/^[^:]*:[^:]*:$socket_group:/p" "$real"
    printf '\n0'
  } | encode)" "$nonce"
}

storages() {
  asked_points=$newline
  locate "$mounts_path"
  xfs_points=$(sed -n 's/^[0-9]* [0-9]* [^ ]* [^ ]* \([^ ]*\) .* - xfs .*$/\1/p' "$real")
  stored=$newline
  each_line storage_once "$roots"
}

storage_once() {
  case $1 in /*) ;; *) return 0 ;; esac
  place=$1
  while case $place in ?*/) true ;; *) false ;; esac; do place=${place%/}; done
  case $stored in *"$newline$place$newline"*) return 0 ;; esac
  stored=$stored$place$newline
  storage "$place"
}

# status <path>: who may do what with it, and with the folders above it. Never what is inside.
status() {
  status_of "$1" || return 0
  for status_from in "$1" "$status_resolved"; do
    while
      status_from=${status_from%/*}
      [ -n "$status_from" ]
    do
      status_of "$status_from" || break
    done
  done
}

# Fails when that was asked before. With a second argument nobody looks whether it was: the search takes long among many.
status_of() {
  path=$1 status_resolved=
  case $path in
    /proc/* | /sys/* | /dev/*)
      say_unread M "$path" refused
      return 1
      ;;
    /*) ;;
    *)
      say_unread M "$path" relative
      return 1
      ;;
  esac
  if [ -z "${2:-}" ]; then
    case $newline$status_asked in *"$newline$path$newline"*) return 1 ;; esac
  fi
  status_count=$((status_count + 1))
  if [ "$status_count" -gt "$status_limit" ]; then
    say_unread M "$path" limit
    return 1
  fi
  case $path in *"$newline"*) ;; *) [ -n "${2:-}" ] || status_asked=$status_asked$path$newline ;; esac
  locate "$path"
  if [ ! -e "$real" ]; then
    say_missing M
    return 0
  fi
  if [ -d "$real" ]; then status_kind=d; elif [ -f "$real" ]; then status_kind=f; else status_kind=o; fi
  resolve
  status_resolved=$resolved
  field "$resolved"
  resolved=$f
  field "$path"
  printf '#%s M %s %s %s\n' "$nonce" "$status_kind" "$f" "$resolved"
  case $real in
    *[!A-Za-z0-9._@:/+,=-]*)
      stat_lines=$(stat -L -c "%a$tab%u$tab%g$tab%Y$tab%s$tab$tab%U$tab%G" "$real")
      status_field=$f
      body=$({
        printf '%s\n' "$stat_lines"
        names_of_owners "$stat_lines"
      } | encode)
      f=$status_field
      printf '#%s S %s\n%s\n#%s . 0\n' "$nonce" "$f" "$body" "$nonce"
      ;;
    *) stat_list=$stat_list$real$newline ;;
  esac
}

# walk <folder> <depth>: status of all in it, certificates of what is named like one. Each folder's entries are a D record.
walk() {
  case $newline$walk_done in *"$newline$1$newline"*) return 0 ;; esac
  walk_done=$walk_done$1$newline
  status "$1"
  directory "$1"
  locate "$1"
  [ -d "$real" ] || return 0
  for walk_entry in "$real"/* "$real"/.[!.]* "$real"/..?*; do
    [ -e "$walk_entry" ] || [ -L "$walk_entry" ] || continue
    # What the folder's record lists and no record tells the mode of was not reached.
    [ "$status_count" -le "$status_limit" ] || return 0
    set -- "$1" "$2" "${1%/}/${walk_entry##*/}"
    # The folders above are asked already, but for those above where a link leads.
    if [ -L "$walk_entry" ]; then status "$3"; else status_of "$3" new; fi
    if [ -d "$walk_entry" ] && [ ! -L "$walk_entry" ]; then
      [ "$2" -le 0 ] || walk "$3" $(($2 - 1))
      continue
    fi
    case $3 in *.crt) certificates "$3" ;; esac
  done
}

walk_flat() {
  case $1 in /?*) walk "${1%/}" 0 ;; esac
}

# Folders of the system and of people are not a component's own, whatever an argument says: only the named files count there.
walk_pki() {
  case $1 in
    '' | / | /etc | /etc/ssl* | /etc/pki* | /etc/kubernetes | /usr* | /var | /var/lib | /run | /home* | /root* | /opt) ;;
    /proc* | /sys* | /dev*) ;;
    /*) walk "${1%/}" 4 ;;
  esac
}

# Prints the certificates of a PEM file, one a line, as base64. A block of another kind, such as a key, or one without its
# end is never printed.
only_certificates() {
  sed -n 's/[[:space:]]*$//
/^-----BEGIN /{
h
d
}
H
/^-----END CERTIFICATE-----$/{
x
s/\n//g
s/^-----BEGIN CERTIFICATE-----\([A-Za-z0-9+\/=]*\)-----END CERTIFICATE-----$/\1/p
s/.*//
x
}'
}

# Sets real; fails, having said why, when $1 is no file to be read for its certificates.
certificate_source() {
  path=$1
  case $newline$certificates_asked in *"$newline$path$newline"*) return 1 ;; esac
  case $path in *"$newline"*) ;; *) certificates_asked=$certificates_asked$path$newline ;; esac
  case $path in
    /proc/* | /sys/* | /dev/*)
      say_unread K "$path" refused
      return 1
      ;;
    /*) ;;
    *)
      say_unread K "$path" relative
      return 1
      ;;
  esac
  locate "$path"
  count=$((count + 1))
  if [ ! -e "$real" ]; then
    say_missing K
  elif [ ! -f "$real" ]; then
    say_unread K "$path" special
  elif [ ! -r "$real" ]; then
    say_unread K "$path" denied
  elif [ "$count" -gt "$count_limit" ] || [ "$total" -gt "$total_limit" ] ||
    [ "$(head -c $((file_limit + 1)) "$real" | wc -c)" -gt "$file_limit" ]; then
    say_unread K "$path" limit
  else
    return 0
  fi
  return 1
}

say_certificates() {
  body=$(printf '%s\n' "$1" | encode)
  total=$((total + ${#body}))
  field "$path"
  printf '#%s K %s\n%s\n#%s . 0\n' "$nonce" "$f" "$body" "$nonce"
}

certificates() {
  certificate_source "$1" || return 0
  say_certificates "$(only_certificates <"$real" | sed 's/^/certificate /')"
}

# Of a kubeconfig: the certificates in it, and the paths of those it names. No key, token or password is looked at.
kubeconfig() {
  status "$1"
  certificate_source "$1" || return 0
  if [ "$encoding" != base64 ]; then
    say_unread K "$path" tool
    return 0
  fi
  other_files=$(
    kubeconfig_lines certificate-authority
    kubeconfig_lines client-certificate
  )
  say_certificates "$(
    kubeconfig_lines certificate-authority-data | kubeconfig_data certificate-authority-data
    kubeconfig_lines client-certificate-data | kubeconfig_data client-certificate-data
    kubeconfig_lines client-certificate | sed -n 's/^\//client-certificate \//p'
    kubeconfig_lines client-key | sed -n 's/^\//client-key \//p'
    kubeconfig_lines server | sed -n 's/^https:\/\/\([][A-Za-z0-9.:_-]\{1,300\}\)\(\/.*\)\{0,1\}$/server \1/p'
    printf 'skips-verification said\n'
    kubeconfig_skips
  )"
  key_files=$(kubeconfig_lines client-key)
  each_line certificates "$other_files"
  each_line status "$key_files"
}

# The word behind each insecure-skip-tls-verify, or "?" where a line is not plain.
kubeconfig_skips() {
  sed -n "s/^[[:space:]]*#.*//
s/[[:space:]]#.*//
/insecure-skip-tls-verify/!d
s/.*insecure-skip-tls-verify.*insecure-skip-tls-verify.*/?/
s/^.*insecure-skip-tls-verify[\"']\{0,1\}[[:space:]]*:[[:space:]]*\([A-Za-z]\{1,5\}\)[[:space:]]*\([,}].*\)\{0,1\}\$/\1/
/^[A-Za-z?]*\$/!s/.*/?/
s/^/skips-verification /p" <"$real"
}

kubeconfig_lines() {
  sed -n "s/^[[:space:]-]*[\"']\{0,1\}$1[\"']\{0,1\}:[[:space:]]*[\"']\{0,1\}\([][A-Za-z0-9+\/=._@:-]*\)[\"']\{0,1\},\{0,1\}[[:space:]]*\$/\1/p" <"$real"
}

kubeconfig_data() {
  data_lines=0
  while IFS= read -r data; do
    data_lines=$((data_lines + 1))
    if [ "$data_lines" -gt 50 ]; then
      printf 'limit 50\n'
      break
    fi
    printf %s "$data" | base64 -d | only_certificates | sed "s/^/$1 /"
  done
}

# What CIS 1.1 and 4.1 are about, where the components' own settings say it is; kubeadm's places where none says.
files_and_modes() {
  status_asked='' status_count=0 walk_done='' certificates_asked=''
  for unit_folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system \
    /usr/lib/systemd/system /lib/systemd/system; do
    status "$unit_folder/kubelet.service"
    walk_flat "$unit_folder/kubelet.service.d"
  done
  path_value="[[:space:]]*:[[:space:]]*[\"']\{0,1\}\(\/[^\"',#]*[^\"',#[:space:]]\).*/\\1/p"
  each_line status "$kubelet_paths"
  static_pods=$static_pods$(lines_of "$kubelet_files" "s/^[^#]*staticPodPath[\"']\{0,1\}$path_value")
  case $static_pods in *[!"$newline"]*) ;; *) static_pods=/etc/kubernetes/manifests ;; esac
  each_line walk_flat "$static_pods"
  kubelet_named=$(lines_of "$kubelet_files" "s/^[^#]*clientCAFile[\"']\{0,1\}$path_value;s/^[^#]*tlsCertFile[\"']\{0,1\}$path_value")
  kubelet_keys=$(lines_of "$kubelet_files" "s/^[^#]*tlsPrivateKeyFile[\"']\{0,1\}$path_value")
  each_line status "$status_paths$newline$kubelet_named$newline$kubelet_keys"
  kubeconfig /etc/kubernetes/admin.conf
  kubeconfig /etc/kubernetes/super-admin.conf
  status /etc/kubernetes/bootstrap-kubelet.conf
  for usual in scheduler controller-manager kubelet proxy; do kubeconfig "/etc/kubernetes/$usual.conf"; done
  kubeconfig /var/lib/kube-proxy/kubeconfig
  each_line kubeconfig "$kubeconfigs"
  if [ -n "$proxy_config" ]; then
    named_file conf "$proxy_config"
    [ -z "$real" ] || each_line kubeconfig "$(lines_of "$real" "s/^[^#]*kubeconfig[\"']\{0,1\}$path_value")"
  fi
  case $pki_folders in *[!"$newline"]*) ;; *) pki_folders=/etc/kubernetes/pki ;; esac
  each_line walk_pki "$pki_folders"
  each_line certificates "$certificate_files$newline$kubelet_named"
  kubelet_certificates=${kubelet_certificates:-${kubelet_root:-/var/lib/kubelet}/pki}
  for usual in kubelet-client-current.pem kubelet-server-current.pem kubelet.crt; do
    certificates "$kubelet_certificates/$usual"
  done
  for usual in kubelet-client-current.pem kubelet-server-current.pem kubelet.key; do
    status "$kubelet_certificates/$usual"
  done
  status /var/lib/etcd
  toml_cni="s/^[[:space:]]*conf_dir[[:space:]]*=[[:space:]]*[\"']\(\/[^\"']*\)[\"'].*/\1/p;s/^[[:space:]]*network_dir[[:space:]]*=[[:space:]]*[\"']\(\/[^\"']*\)[\"'].*/\1/p"
  cni_folders=$cni_folders$(lines_of "$containerd_file$newline$crio_files" "$toml_cni")
  case $cni_folders in *[!"$newline"]*) ;; *) cni_folders=/etc/cni/net.d ;; esac
  each_line walk_flat "$cni_folders"
  walk /var/lib/cni/networks 1
  runtime_sockets
  each_line proxy_configuration "$proxies"
}

# The manifests of static pods, and the structured files that their components name: where the pod's mounts say that they
# are on the host. What a manifest does not say in the plain style of kubeadm and its kin is not found here; derive says so.
control_plane() {
  each_line manifests_of "$static_pods"
  each_line openshift_file "$(
    IFS=$newline
    set -f
    for manifest in $manifests; do head -c "$file_limit" "$manifest" | tr '",{} ' "$newline$newline$newline$newline$newline"; done |
      sed -n 's/^\(\/etc\/kubernetes\/static-pod-resources\/[a-z-]*-pod-[0-9]\{1,\}\)\/\{0,1\}$/\1/p' | sort -u
  )"
  each_line component_file "$component_files"
  each_line component_file "$(
    IFS=$newline
    set -f
    for manifest in $manifests; do head -c "$file_limit" "$manifest" | files_of_manifest; done
  )"
}

# OpenShift's components take their settings from a file in a folder of the revision that runs.
openshift_file() {
  named_file openshift "$1/configmaps/config/config.yaml"
  named_file conf "$1/configmaps/kube-apiserver-audit-policies/policy.yaml"
  walk "$1" 4
  walk "${1%-pod-*}-certs" 4
}

manifests_of() {
  case $1 in /?*) directory "${1%/}" manifest .yaml ;; esac
}

component_file() {
  named_file "${1%%"$tab"*}" "${1#*"$tab"}"
}

# Prints "kind<tab>path on the host" for each structured file that a pod's arguments name.
files_of_manifest() {
  awk '
    function clean(text) {
      sub(/^[ \t]+/, "", text)
      sub(/[ \t]+#.*$/, "", text)
      sub(/[ \t\r]+$/, "", text)
      if (text ~ /^".*"$/ || text ~ /^\047.*\047$/) text = substr(text, 2, length(text) - 2)
      if (text != "/") sub(/\/+$/, "", text)
      return text
    }
    function flush_item() {
      if (mount != "" && name != "") { mounts++; at[mounts] = mount; volume[mounts] = name; below[mounts] = part }
      if (source != "" && name != "") from[name] = source
      mount = name = source = part = ""
      in_host_path = 0
    }
    function take(text, value) {
      value = text
      sub(/^[^:]*:/, "", value)
      if (text ~ /^"?mountPath"?:/) mount = clean(value)
      else if (text ~ /^"?subPath"?:/) part = "/" clean(value)
      else if (text ~ /^"?name"?:/) name = clean(value)
      else if (text ~ /^"?hostPath"?:/) in_host_path = 1
      else if (text ~ /^"?path"?:/ && in_host_path) source = clean(value)
    }
    function note(flag, path) {
      gsub(/_/, "-", flag)
      named++
      flags[named] = flag
      paths[named] = path
    }
    /kube-scheduler/ { takes["config"] = 1 }
    /etcd/ { takes["config-file"] = 1 }
    {
      rest = $0
      while (match(rest, /--[a-z_-]+=\/[^]" \t\r,\047]+/)) {
        flag = substr(rest, RSTART + 2, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        path = flag
        sub(/^[^=]*=/, "", path)
        sub(/=.*$/, "", flag)
        note(flag, path)
      }
      match($0, /[^ ]/)
      column = RSTART
      text = substr($0, column)
      if (text ~ /^- /) {
        flush_item()
        item = column
        text = clean(substr(text, 3))
        if (text ~ /^\// && awaited != "") note(awaited, text)
        awaited = text ~ /^--[a-z_-]+$/ ? substr(text, 3) : ""
      } else if (column <= item) {
        flush_item()
        item = 0
      }
      if (text ~ /\{.*\}/) {
        gsub(/[{}]/, ",", text)
        pieces = split(text, piece, ",")
        for (i = 1; i <= pieces; i++) { sub(/^[ \t]+/, "", piece[i]); take(piece[i]) }
      } else take(text)
    }
    END {
      flush_item()
      kinds["encryption-provider-config"] = "keys"
      kinds["authorization-config"] = kinds["authentication-config"] = kinds["audit-policy-file"] = "conf"
      kinds["admission-control-config-file"] = "conf"
      for (extra in takes) kinds[extra] = "conf"
      for (i = 1; i <= named; i++) {
        if (!(flags[i] in kinds)) continue
        best = 0
        for (j = 1; j <= mounts; j++) {
          holds = paths[i] == at[j] || index(paths[i], at[j] "/") == 1 || at[j] == "/"
          if (holds && (!best || length(at[best]) < length(at[j]))) best = j
        }
        if (best && (volume[best] in from)) {
          place = at[best] == "/" ? paths[i] : substr(paths[i], length(at[best]) + 1)
          print kinds[flags[i]] "\t" from[volume[best]] below[best] place
        }
      }
    }'
}

# listing <name> <function>: what the function prints, as one record.
listing() {
  body=$("$2" | head -c $((listing_limit + 1)) | encode)
  total=$((total + ${#body}))
  printf '#%s L %s %s\n%s\n#%s . 0\n' "$nonce" "$1" "$listing_limit" "$body" "$nonce"
}

say_no_listing() {
  case $2 in
    absent) printf '#%s A L =%s\n' "$nonce" "$1" ;;
    *) printf '#%s X L =%s %s\n' "$nonce" "$1" "$2" ;;
  esac
}

# The control groups of pods, wherever the kubelet's cgroup root is: on v2 one tree, on v1 one for each controller.
pod_cgroups() {
  locate /sys/fs/cgroup
  cgroup_base=$real cgroup_roots=
  if [ ! -d "$cgroup_base" ] || ! cd "$cgroup_base"; then
    say_no_listing cgroups absent
    return 0
  fi
  if [ -e cgroup.controllers ]; then cgroup_trees=.; else cgroup_trees='./cpu ./cpu,cpuacct ./memory'; fi
  for cgroup_tree in $cgroup_trees; do
    # The same tree under a second name.
    [ ! -L "$cgroup_tree" ] || continue
    for cgroup_folder in "$cgroup_tree"/kubepods "$cgroup_tree"/kubepods.slice "$cgroup_tree"/*/kubepods \
      "$cgroup_tree"/*.slice/*-kubepods.slice "$cgroup_tree"/*/*/kubepods "$cgroup_tree"/*/*/*-kubepods.slice; do
      case $cgroup_folder in *[!A-Za-z0-9_./:@,-]*) continue ;; esac
      [ ! -d "$cgroup_folder" ] || cgroup_roots="$cgroup_roots $cgroup_folder"
    done
  done
  if [ -z "$cgroup_roots" ]; then
    say_no_listing cgroups absent
  else
    listing cgroups cgroup_rows
  fi
  cd /
}

# Prints "folder<tab>file=value…" for each control group down to containers. Names that no kubelet and no runtime gives are
# left out. memory.events and memory.oom_control tell how many processes were killed.
cgroup_rows() {
  # shellcheck disable=SC2038,SC2086  # the roots are checked above, and find leaves out names that xargs would split
  find $cgroup_roots -maxdepth 4 -type f ! -path '*[!A-Za-z0-9_./:@,-]*' \( -name cpu.weight -o -name cpu.max -o -name memory.max \
    -o -name memory.events -o -name memory.swap.max -o -name memory.min -o -name memory.high -o -name cgroup.type \
    -o -name cgroup.subtree_control -o -name memory.memsw.limit_in_bytes -o -name cpu.shares -o -name cpu.cfs_quota_us -o -name cpu.cfs_period_us \
    -o -name memory.limit_in_bytes -o -name memory.oom_control \) | xargs grep -H '' | awk '
    match($0, /\/(cpu|memory|cgroup)\.[a-z_.]+:/) {
      folder = substr($0, 3, RSTART - 3)
      rest = substr($0, RSTART + 1, length($0))
      colon = index(rest, ":")
      key = substr(rest, 1, colon - 1)
      value = substr(rest, colon + 1)
      if (key == "cgroup.subtree_control" && value == "") next
      if (key == "memory.events" || key == "memory.oom_control") {
        if (value !~ /^oom_kill [0-9]+$/) next
        key = "oom_kill"
        value = substr(value, 10)
      }
      if (folder != last) {
        if (last != "") printf "\n"
        printf "%s", folder
        last = folder
      }
      printf "\t%s=%s", key, value
    }
    END { if (last != "") printf "\n" }'
}

# What listens in the network of process 1, and who holds the socket.
sockets() {
  if [ ! -r "$process_folder/1/net/tcp" ]; then
    if [ -e "$process_folder/1/net/tcp" ]; then say_no_listing sockets denied; else say_no_listing sockets absent; fi
    return 0
  fi
  listing sockets socket_rows
}

# Prints "protocol<tab>address:port<tab>user<tab>pid<tab>name", address and port as the kernel writes them; then "hidden" where the
# holders of some processes' files are not to be seen.
socket_rows() {
  {
    for protocol in tcp tcp6; do
      [ ! -r "$process_folder/1/net/$protocol" ] || sed -n "2,\$s/^/$protocol /p" "$process_folder/1/net/$protocol"
    done
    # What a process calls its files must not look like a line of another process.
    if ls -lnq /dev/null >/dev/null; then names=q; else names=; fi
    # shellcheck disable=SC2012  # links of the kernel, which have plain names
    ls "-ln$names" "$process_folder"/[0-9]*/fd
  } | awk -v folder="$process_folder/" -v root="$euid" '
    ($1 == "tcp" || $1 == "tcp6") && $5 == "0A" {
      count++
      protocol[count] = $1
      address[count] = $3
      user[count] = $9
      at[$11] = count
      next
    }
    /^\// {
      pid = substr($0, length(folder) + 1)
      sub(/\/.*/, "", pid)
      next
    }
    NF == 11 && $1 ~ /^l/ && $9 ~ /^[0-9]+$/ && $10 == "->" && $11 ~ /^socket:\[[0-9]+\]$/ {
      inode = $11
      gsub(/[^0-9]/, "", inode)
      if (!(inode in at)) next
      place = at[inode]
      if (!(place in holder) || pid + 0 < holder[place] + 0) holder[place] = pid
    }
    END {
      for (place = 1; place <= count; place++) {
        name = ""
        if (place in holder) {
          comm = folder holder[place] "/comm"
          getline name < comm
          close(comm)
          gsub(/[\t\r]/, " ", name)
        }
        printf "%s\t%s\t%s\t%s\t%s\n", protocol[place], address[place], user[place], holder[place], name
      }
      if (root != 0) print "hidden"
    }'
}

# sysctl values, one a line: "name<tab>value". Of what is there and may not be read the value is "!denied", of what the kernel
# would answer for other namespaces than the host's "!namespace".
parameter_rows() {
  set --
  for parameter in kernel/kptr_restrict kernel/dmesg_restrict kernel/yama/ptrace_scope kernel/randomize_va_space \
    kernel/perf_event_paranoid kernel/core_pattern kernel/unprivileged_bpf_disabled kernel/unprivileged_userns_clone \
    kernel/apparmor_restrict_unprivileged_userns kernel/kexec_load_disabled kernel/sysrq user/max_user_namespaces \
    fs/protected_hardlinks fs/protected_symlinks fs/protected_fifos fs/protected_regular fs/suid_dumpable \
    net/ipv4/ip_forward net/ipv4/tcp_syncookies net/ipv4/icmp_echo_ignore_broadcasts net/ipv4/conf/all/rp_filter \
    net/ipv4/conf/default/rp_filter net/ipv4/conf/all/accept_redirects net/ipv4/conf/default/accept_redirects \
    net/ipv4/conf/all/accept_source_route net/ipv4/conf/all/send_redirects net/ipv4/conf/all/route_localnet \
    net/ipv6/conf/all/accept_redirects net/ipv6/conf/all/accept_ra net/bridge/bridge-nf-call-iptables net/core/bpf_jit_harden; do
    if [ -e "$parameter" ] && ! is_hosts_view "/proc/sys/$parameter"; then
      printf '%s\t!namespace\n' "$parameter"
    elif [ -r "$parameter" ]; then
      set -- "$@" "$parameter"
    elif [ -e "$parameter" ]; then
      printf '%s\t!denied\n' "$parameter"
    fi
  done
  [ "$#" -eq 0 ] || grep -m 1 -H '' "$@" | sed "s/:/$tab/"
}

vulnerability_rows() {
  grep -H '' ./* | sed -n "s/^\.\/\([a-z0-9_]*\):/\1$tab/p"
}

module_rows() {
  cut -d ' ' -f 1 "$real"
}

# Only of switches that weaken or configure isolation: a command line may hold secrets.
boot_rows() {
  tr ' ' '\n' <"$real" | grep -E '^(mitigations|nopti|pti|kpti|nospectre_v1|nospectre_v2|nospectre_bhb|spectre_v2|spectre_v2_user|spec_store_bypass_disable|ssbd|l1tf|mds|tsx_async_abort|mmio_stale_data|reg_file_data_sampling|retbleed|srbds|gather_data_sampling|indirect_target_selection|tsa|vmscape|nosmt|nosmep|nosmap|nokaslr|kaslr|norandmaps|nospec_store_bypass_disable|selinux|enforcing|apparmor|security|lsm|lockdown|module\.sig_enforce|audit|iommu|intel_iommu|amd_iommu|cgroup_disable|cgroup_no_v1|cgroup_enable|swapaccount|systemd\.unified_cgroup_hierarchy|systemd\.legacy_systemd_cgroup_controller|init_on_alloc|init_on_free|slab_nomerge|vsyscall|user_namespace\.enable|fips)(=[A-Za-z0-9_.,:+-]*)?$'
}

vmstat_rows() {
  sed -n "s/^oom_kill /oom_kill$tab/p" "$real"
}

time_rows() {
  printf %s "$time_daemons"
}

kernel_log() {
  case ${KUBE_ASSAY_COMMANDS:-} in
    chroot) limited chroot "$root/" "$found" ;;
    *) limited "$found" ;;
  esac
}

# Kills by the kernel for want of memory that its log still holds: "seconds since boot<tab>system or group<tab>process".
memory_kill_rows() {
  kernel_log | sed -n 's/^[^[]*\[ *\([0-9]*\)[.0-9]*\] \(.*\)$/\1 \2/p' | awk '
    function victim(text) {
      sub(/^[^(]*\(/, "", text)
      sub(/\).*$/, "", text)
      gsub(/[^A-Za-z0-9._:\/ -]/, "?", text)
      return substr(text, 1, 40)
    }
    NR == 1 { first = $1 }
    / Memory cgroup out of memory: Kill(ed)? process / { print $1 "\tgroup\t" victim($0); next }
    / Out of memory(: | \([^)]*\): )Kill(ed)? process / { line = $0; sub(/^.*Kill(ed)? process /, "", line); print $1 "\tsystem\t" victim(line) }
    END { if (NR > 0) print "from\t" first }' | tail -n 500
}

isolation_listings() {
  for table in 'sysctl /proc/sys parameter_rows' 'vulnerabilities /sys/devices/system/cpu/vulnerabilities vulnerability_rows'; do
    # shellcheck disable=SC2086  # three words
    set -- $table
    locate "$2"
    if [ -d "$real" ] && cd "$real"; then listing "$1" "$3"; else say_no_listing "$1" absent; fi
    cd /
  done
  for table in 'modules /proc/modules module_rows' 'boot /proc/cmdline boot_rows' \
    'vmstat /proc/vmstat vmstat_rows'; do
    # shellcheck disable=SC2086  # three words
    set -- $table
    locate "$2"
    if [ -r "$real" ]; then
      listing "$1" "$3"
    elif [ -e "$real" ]; then
      say_no_listing "$1" denied
    else
      say_no_listing "$1" absent
    fi
  done
  if [ "$hidden" = 0 ] || [ -n "$time_daemons" ]; then listing time time_rows; else say_no_listing time denied; fi
  if ! find_command dmesg; then
    say_no_listing memory-kills absent
  elif ! can_run; then
    say_no_listing memory-kills chroot
  elif kernel_log >/dev/null; then
    listing memory-kills memory_kill_rows
  else
    say_no_listing memory-kills denied
  fi
}

# Which of the paths have an access control list beside their mode: "acl <tool>", and a line for each.
lists_of_access() {
  if [ "${KUBE_ASSAY_COMMANDS:-}" = chroot ] && find_command getfacl && can_run; then
    printf 'acl\tgetfacl\n'
    for acl_path; do
      shift
      set -- "$@" "${acl_path#"$root"}"
    done
    chroot "$root/" "$found" -ps -- "$@" | sed -n "s/^# file: /+$tab/p"
  elif [ "${KUBE_ASSAY_COMMANDS:-}" = chroot ] && find_command ls && can_run &&
    case $(chroot "$root/" "$found" --version) in *coreutils*) true ;; *) false ;; esac then
    printf 'acl\tls\n'
    for acl_path; do
      shift
      set -- "$@" "${acl_path#"$root"}"
    done
    chroot "$root/" "$found" -ldnL -- "$@" | sed -n "s/^[^ ]*+ .* \(\/[^ ]*\)\$/+$tab\1/p"
  elif command -v getfacl >/dev/null; then
    printf 'acl\tgetfacl\n'
    getfacl -ps -- "$@" | sed -n "s/^# file: /+$tab/p"
  elif case $(ls --version) in *coreutils*) true ;; *) false ;; esac then
    printf 'acl\tls\n'
    # shellcheck disable=SC2012  # only names without blanks get here
    ls -ldnL -- "$@" | sed -n "s/^[^ ]*+ .* \(\/[^ ]*\)\$/+$tab\1/p"
  fi
}

# Below a root, the names of owners are those of the host, not those that this system's stat knows.
names_of_owners() {
  [ -n "$root" ] || return 0
  for account_file in passwd group; do
    locate "/etc/$account_file"
    [ -r "$real" ] || continue
    case $account_file in passwd) column=2 ;; *) column=3 ;; esac
    for account in $(printf '%s\n' "$1" | cut -f "$column" | sort -u); do
      printf '%s\t%s\t%s\n' "$account_file" "$account" "$(sed -n "/^[^:]*:[^:]*:$account:/{s/:.*//p;q;}" "$real")"
    done
  done
}

stats() {
  [ -n "$stat_list" ] || return 0
  IFS=$newline
  set -f
  # shellcheck disable=SC2086  # one word a line
  set -- $stat_list
  unset IFS
  set +f
  stat_lines=$(stat -L -c "%a$tab%u$tab%g$tab%Y$tab%s$tab%n$tab%U$tab%G" "$@")
  body=$({
    printf '%s\n' "$stat_lines"
    lists_of_access "$@"
    names_of_owners "$stat_lines"
  } | encode)
  printf '#%s S\n%s\n#%s . 0\n' "$nonce" "$body" "$nonce"
}

seen=
registry_files=
chroot_works=
reading_kubelet=
reading_containerd=
euid=$(id -u)
if [ "${KUBE_ASSAY_SUDO:-}" = denied ]; then
  sudo=denied
elif [ -n "${SUDO_UID:-}" ]; then
  sudo=used
else
  sudo=none
fi
# A root that cannot be entered would make everything look absent.
[ -z "$root" ] || [ -d "$root/" ] || exit 0
field "$root"
printf '#%s H 1 %s %s %s %s\n' "$nonce" "${euid:--}" "$sudo" "$encoding" "$f"

locate /etc/os-release
if [ -e "$real" ]; then
  file plain /etc/os-release
else
  file plain /etc/os-release
  file plain /usr/lib/os-release
fi
value /proc/sys/kernel/osrelease
value /proc/sys/kernel/random/boot_id
value /proc/1/comm
directory /run/systemd/system
ask uname -m

for parameter in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
  kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  value "/proc/sys/$parameter"
done
for sysctl_folder in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
  directory "$sysctl_folder" plain .conf
done
file plain /etc/sysctl.conf

file raw /proc/swaps
file fstab /etc/fstab
for swap_folder in /etc/systemd/system /run/systemd/generator /usr/lib/systemd/system; do
  directory "$swap_folder" unit .swap
done
file plain /etc/systemd/zram-generator.conf
file plain /usr/lib/systemd/zram-generator.conf

mounts_path=/proc/1/mountinfo
file raw "$mounts_path" "$mounts_limit"
if [ ! -r "$real" ]; then
  mounts_path=/proc/self/mountinfo
  file raw "$mounts_path" "$mounts_limit"
fi
value /sys/fs/cgroup/cgroup.controllers
value /sys/fs/cgroup/cgroup.subtree_control
file raw /proc/cgroups

processes
unit kubelet.service
if [ -n "$k3s_runs" ]; then
  unit k3s.service
  unit k3s-agent.service
fi
environment_line='s/^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\{0,1\}\(\/.*[^[:space:]]\)[[:space:]]*$/\1/p'
each_line environment_file "$(lines_of "$kubelet_units" "$environment_line")"
kubelet_configuration
distributions
runtimes
storages

files_and_modes
control_plane

value /sys/fs/selinux/enforce
file plain /etc/selinux/config
value /sys/module/apparmor/parameters/enabled
value /proc/sys/kernel/seccomp/actions_avail

file raw /sys/kernel/security/lockdown
pod_cgroups
sockets
isolation_listings

stats
printf '#%s Z\n' "$nonce"
exit 0
}
