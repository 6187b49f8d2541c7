"""The script that tells what a host has, for any POSIX shell on Linux: BusyBox's too.

Enters: nothing. Leaves: its text, which `remote.py` gives to `sh -s` on the host. `facts.py` reads what it prints. It writes nothing,
needs no rights, and of programs beside the shell's usual ones only iproute2, without which it leaves addresses out.
"""

SCRIPT = r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
echo labc-host 1

cpu=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || cpu=$(grep -c '^processor' /proc/cpuinfo)
echo "cpu $cpu"

while read -r key value rest; do
  if [ "$key" = MemTotal: ]; then echo "memory $value"; fi
done </proc/meminfo

if [ "$(id -u)" = 0 ]; then folder=/var/lib/labc; else folder=${XDG_STATE_HOME:-$HOME/.local/state}/labc; fi
while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
df -Pk "$folder" | while read -r system blocks rest; do
  case $blocks in *[!0-9]*) ;; *) echo "disk $blocks" ;; esac
done

if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then echo kvm yes; else echo kvm no; fi

for path in /sys/class/net/*; do
  name=${path##*/}
  if [ "$name" = lo ] || [ ! -d "$path" ]; then continue; fi
  speed=$(cat "$path/speed" 2>/dev/null) || speed=-1
  form=virtual
  if [ -e "$path/device" ] || [ -d "$path/bonding" ]; then form=physical; fi
  echo "nic $name ${speed:--1} $(cat "$path/mtu") $form"
done

if command -v ip >/dev/null; then
  ip -o address show scope global | while read -r number name family address rest; do
    case $rest in
      *temporary* | *deprecated*) ;;
      *) case $family in inet | inet6) echo "address $name $address" ;; esac ;;
    esac
  done
else
  echo missing ip
fi
echo end
"""
