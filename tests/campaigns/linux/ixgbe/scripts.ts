/**
 * What Linux does with one card that a host program answers, and with two cards that are joined by a cable, in sh; the functions that
 * it uses are in ../initrd.ts. Called by ./cases.ts, which knows every frame on the cable.
 */
import type { Guest } from "../initrd.ts";

const TOOLS = {
  modules: ["ixgbe", "8021q"],
  programs: ["sbin/ethtool"],
  libraries: ["ld-linux.so.2", "libc.so.6", "libm.so.6", "libmnl.so.0"],
} as const;

const WORDS = `
ETHTOOL=/tools/ethtool
NET=/sys/class/net
step insert insert ixgbe
linked() { await 60 grep -q 1 $NET/$1/carrier; }
unlinked() { await 60 grep -q 0 $NET/$1/carrier; }
echo 0 > /proc/sys/net/ipv4/tcp_slow_start_after_idle
`;

/** Link, echoes, counters, the card's own test, a cable pulled and put back, another address, a driver that leaves and comes back. */
export const ONE_CARD: Guest = {
  ...TOOLS,
  script: `${WORDS}
step probe await 20 test -e $NET/eth0
fact address $(cat $NET/eth0/address)
up() { ip link set eth0 up && linked eth0 && { ip addr add 10.0.0.2/24 dev eth0 2> /dev/null || true; }; }
step link up
fact speed $(cat $NET/eth0/speed)
step first-echo ping -c 3 -W 5 10.0.0.1
echoes() { # COUNT BYTES
  ping -A -c $1 -s $2 -W 5 10.0.0.1 > /tmp/ping || { tail -n 3 /tmp/ping; return 1; }
  fact echo-$2 $(grep -c "bytes from" /tmp/ping) $(sed -n 's/.*time=//p' /tmp/ping | sort -n | sed -n "$(($1 / 2))p") $(tail -n 1 /tmp/ping) > /dev/console
}
step echo-56 echoes 100 56
step echo-1400 echoes 50 1400
step echo-9000 echoes 20 9000
counters() { # the host looks at the cable before and after
  for try in 1 2 3; do
    sleep 1
    fact before $try > /dev/console
    fact counters $try $($ETHTOOL -S eth0 | grep -E ' (rx|tx)_(pkts_nic|bytes_nic|packets|bytes|errors|dropped):' | tr -d ' ') > /dev/console
    fact after $try > /dev/console
  done
}
step counters counters
fact errors $($ETHTOOL -S eth0 | grep -E '(error|drop|miss|no_buffer|timeout|fail|csum).*: [^0]')
self_test() { $ETHTOOL -t eth0 offline > /tmp/test; code=$?; cat /tmp/test; fact self-test $(cat /tmp/test) > /dev/console; return $code; }
step self-test self_test
step link-after-test linked eth0
step echo-after-test ping -c 5 -W 5 10.0.0.1
step registers $ETHTOOL -d eth0
step eeprom $ETHTOOL -e eth0 length 128

fact cable out
step cable-out unlinked eth0
fact cable in
step cable-in linked eth0
step echo-after-cable ping -c 5 -W 5 10.0.0.1
other_address() { ip link set eth0 down && ip link set eth0 address 02:00:00:00:00:77 && up && ping -c 5 -W 5 10.0.0.1; }
step other-address other_address
step promiscuous sh -c 'ip link set eth0 promisc on && ping -c 3 -W 5 10.0.0.1 && ip link set eth0 promisc off && ping -c 3 -W 5 10.0.0.1'
again() { rmmod ixgbe && ! test -e $NET/eth0 && insmod /modules/ixgbe.ko && await 20 test -e $NET/eth0 && up && ping -c 5 -W 5 10.0.0.1; }
step driver-again again
step down ip link set eth0 down
fact interrupts $(grep eth0 /proc/interrupts | head -n 1)
`,
};

/** Files through two cards, each in a network of its own, with offloads on and off, tags, and large frames. */
export const TWO_CARDS: Guest = {
  ...TOOLS,
  script: `${WORDS}
step insert-8021q insert 8021q
step probe await 20 test -e $NET/eth1
unshare -n sleep 100000 & OTHER=$!
other() { nsenter -t $OTHER -n "$@"; }
sleep 1
join() {
  ip link set eth1 netns $OTHER && ip link set eth0 up && other ip link set eth1 up && other ip link set lo up && ip link set lo up &&
  ip addr add 10.0.0.1/24 dev eth0 && other ip addr add 10.0.0.2/24 dev eth1 &&
  ip addr add fd00::1/64 dev eth0 && other ip addr add fd00::2/64 dev eth1
}
step join join
step link linked eth0
step echo ping -c 3 -W 5 10.0.0.2
mkdir -p /srv
dd if=/dev/urandom of=/srv/data bs=64k count=32 2> /dev/null
httpd -p 80 -h /srv
other httpd -p 80 -h /srv
both() { # WORDS for ethtool -K, on both cards
  $ETHTOOL -K eth0 "$@" && other $ETHTOOL -K eth1 "$@" && ready 10.0.0
}
ready() { # NET: a reset may take the link away for a while
  linked eth0 && await 30 ping -c 1 -W 1 $1.2 && await 30 other ping -c 1 -W 1 $1.1
}
files() { # PHASE ADDRESS-THERE ADDRESS-HERE: a file there and back
  fact phase $1 > /dev/console
  wget -q -O /tmp/got http://$2/data && cmp /tmp/got /srv/data || return 1
  other wget -q -O /tmp/got http://$3/data && cmp /tmp/got /srv/data || return 1
  fact phase none > /dev/console
}
step plain files plain 10.0.0.2 10.0.0.1
step ipv6 files ipv6 '[fd00::2]' '[fd00::1]'
step set-no-segmentation both tso off gso off
step no-segmentation files no-segmentation 10.0.0.2 10.0.0.1
step set-no-checksum both tx off
step no-checksum files no-checksum 10.0.0.2 10.0.0.1
step set-no-receive both tx on tso on gso on rx off
step no-receive-checksum files no-receive-checksum 10.0.0.2 10.0.0.1
step set-all both rx on

tags() {
  vconfig add eth0 5 && other vconfig add eth1 5 && ip addr add 10.0.5.1/24 dev eth0.5 && other ip addr add 10.0.5.2/24 dev eth1.5 &&
  ip link set eth0.5 up && other ip link set eth1.5 up && ready 10.0.5
}
step set-tags tags
step tags files tags 10.0.5.2 10.0.5.1
step set-software-tags both rxvlan off txvlan off
step software-tags files software-tags 10.0.5.2 10.0.5.1
step set-hardware-tags both rxvlan on txvlan on

large() { ip link set eth0 mtu $1 && other ip link set eth1 mtu $1 && ready 10.0.0; }
step set-large large 9000
step large files large 10.0.0.2 10.0.0.1
step echo-8900 ping -c 5 -s 8900 -W 5 10.0.0.2
step set-large-plain both tso off gso off tx off rx off
step large-plain files large-plain 10.0.0.2 10.0.0.1
step set-back both tx on rx on tso on gso on
step set-small large 1500
step plain-again files plain-again 10.0.0.2 10.0.0.1
fact errors $($ETHTOOL -S eth0 | grep -E '(error|drop|miss|no_buffer|timeout|fail|csum).*: [^0]') $(other $ETHTOOL -S eth1 | grep -E '(error|drop|miss|no_buffer|timeout|fail|csum).*: [^0]')

rings() { $ETHTOOL -G eth0 rx $1 tx $1 && other $ETHTOOL -G eth1 rx $1 tx $1 && ready 10.0.0; }
step set-few-descriptors rings 64
step few-descriptors files few-descriptors 10.0.0.2 10.0.0.1
step set-many-descriptors rings 4096
step many-descriptors files many-descriptors 10.0.0.2 10.0.0.1
throttle() { $ETHTOOL -C eth0 rx-usecs $1 && other $ETHTOOL -C eth1 rx-usecs $1 && ready 10.0.0; }
step set-no-throttle throttle 0
step no-throttle files no-throttle 10.0.0.2 10.0.0.1
step set-throttle throttle 500
step throttle files throttle 10.0.0.2 10.0.0.1
interrupted() { # the cable is out for a second while a file is on its way, then the card is reset under way
  (wget -q -O /tmp/got http://10.0.0.2/data && cmp /tmp/got /srv/data) & transfer=$!
  usleep 50000; fact cable out > /dev/console; sleep 1; fact cable in > /dev/console
  wait $transfer || return 1
  (wget -q -O /tmp/got http://10.0.0.2/data && cmp /tmp/got /srv/data) & transfer=$!
  usleep 50000; $ETHTOOL -G eth0 rx 512 tx 512
  wait $transfer
}
step interrupted interrupted
fact checksum-errors $(grep -h -E '^(Tcp|Udp):' /proc/net/snmp | tail -n +2 | tr '\\n' ' ')
fact interrupts $(grep eth0 /proc/interrupts | head -n 1)
`,
};
