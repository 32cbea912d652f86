#!/bin/sh
# The kube-assay node probe: prints what docs/probe.md lists, in frames, on standard output.
# It reads only: no file is written, nothing stays running, no private key, kubeconfig or Secret is read.
#
# Every record begins with "#<nonce> "; the nonce is given by the caller in a first line nonce='…'. Whatever the host
# supplies is encoded (base64, else od), so that it cannot contain that character. Fields are "=text" for harmless text
# and "~code" for all else. Records:
#   H  header      B  boot time      T  one-line file      F  file, body follows      D  directory, E lines follow
#   P  process, body follows         V  variable of it     Q  end of processes        C  command, body follows
#   A  absent      X  not readable, and why                S  stat lines, body        .  end of a body     Z  the end
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
count_limit=3000
names_limit=5000
total=0
count=0
stat_list=
kubelet_units=
crio_files=
roots="/var/lib/containerd$newline/var/lib/containers$newline/var/lib/docker$newline"

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

# The kernel's one-line values, with less work than a file takes. (`read` will not do: it reads byte by byte, and
# /proc/sys answers only the first.)
value() {
  path=$1
  locate "$path"
  if [ ! -f "$real" ] || [ ! -r "$real" ]; then
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

# file <kind> <path> [<limit>]: the kind says how the caller takes secrets out.
file() {
  kind=$1 path=$2 limit=${3:-$file_limit}
  case $newline$seen in *"$newline$path$newline"*) return 0 ;; esac
  case $path in *"$newline"*) ;; *) seen=$seen$path$newline ;; esac
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
  body=$({ { head -c $((limit + 1)) "$real" || printf '!' >&3; } | encode; } 3>&1)
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
    */kubelet.service | */kubelet.service.d/*) kubelet_units=$kubelet_units$real$newline ;;
    /etc/crio/*) crio_files=$crio_files$real$newline ;;
  esac
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

# Below a root, the commands of this system would tell about this system: only those of the given PATH are asked.
find_command() {
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

# The exit status is the last line of the body.
ask() {
  if ! find_command "$1"; then
    say_absent C "$*"
    return 0
  fi
  field "$*"
  asked=$f
  shift
  body=$({
    limited "$found" "$@" 2>&1
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
      shares_mounts "$1" || kubelet_apart=1
      ;;
    containerd)
      shares_mounts "$1" || return 0
      pick --config -c
      containerd_config=${picked:-$containerd_config}
      pick --root
      roots=$roots$picked$newline
      ;;
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

processes() {
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
  for candidate_process in "$process_folder"/[0-9]*; do
    comm=
    if [ ! -r "$candidate_process/comm" ]; then
      [ ! -e "$candidate_process/comm" ] || hidden=1
      continue
    fi
    IFS= read -r comm <"$candidate_process/comm"
    case $comm in
      kubelet | containerd | crio | dockerd | cri-dockerd | k3s | k3s-server | k3s-agent | rke2 | k0s)
        if is_host_daemon "$candidate_process"; then process "$candidate_process"; fi
        ;;
      kube-apiserver | kube-controller | kube-controller-manager | kube-scheduler | etcd | kube-proxy)
        process "$candidate_process"
        ;;
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
}

runtimes() {
  named_file conf "${containerd_config:-/etc/containerd/config.toml}"
  containerd_file=$real
  file conf /etc/crio/crio.conf
  directory /etc/crio/crio.conf.d conf .conf
  file conf /etc/docker/daemon.json
  docker_file=$real
  for service in containerd crio docker cri-docker; do unit "$service.service"; done
  for runtime in containerd crio dockerd; do ask "$runtime" --version; done
  toml_root="s/^[[:space:]]*root[[:space:]]*=[[:space:]]*[\"']\\(\\/[^\"']*\\)[\"'].*/\\1/p"
  json_root='s/.*"data-root"[[:space:]]*:[[:space:]]*"\(\/[^"]*\)".*/\1/p;s/.*"graph"[[:space:]]*:[[:space:]]*"\(\/[^"]*\)".*/\1/p'
  roots=$roots$(lines_of "$containerd_file$newline$crio_files" "$toml_root")$newline
  roots=$roots$(lines_of "$docker_file" "$json_root")$newline
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

stats() {
  [ -n "$stat_list" ] || return 0
  IFS=$newline
  set -f
  # shellcheck disable=SC2086  # one word a line
  set -- $stat_list
  unset IFS
  set +f
  body=$(stat -L -c "%a$tab%u$tab%g$tab%Y$tab%s$tab%n$tab%U$tab%G" "$@" | encode)
  printf '#%s S\n%s\n#%s . 0\n' "$nonce" "$body" "$nonce"
}

seen=
euid=$(id -u)
if [ "${KUBE_ASSAY_SUDO:-}" = denied ]; then
  sudo=denied
elif [ -n "${SUDO_UID:-}" ]; then
  sudo=used
else
  sudo=none
fi
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
environment_line='s/^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\{0,1\}\(\/.*[^[:space:]]\)[[:space:]]*$/\1/p'
each_line environment_file "$(lines_of "$kubelet_units" "$environment_line")"
kubelet_configuration
runtimes
storages

value /sys/fs/selinux/enforce
file plain /etc/selinux/config
value /sys/module/apparmor/parameters/enabled
value /proc/sys/kernel/seccomp/actions_avail

stats
printf '#%s Z\n' "$nonce"
exit 0
}
