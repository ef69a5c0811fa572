/**
 * What Linux does with the disk, in sh; the functions that it uses are in ../initrd.ts.
 * Called by ./cases.ts, which compares the facts with what it knows of the medium.
 */
import type { Guest } from "../initrd.ts";

const TOOLS = {
  modules: ["nvme", "crc32c_generic", "ext4"],
  programs: ["sbin/mke2fs", "sbin/e2fsck"],
  libraries: ["ld-linux.so.2", "libc.so.6", "libext2fs.so.2", "libcom_err.so.2", "libblkid.so.1", "libuuid.so.1", "libe2p.so.2"],
} as const;

const WORDS = `
DISK=/dev/nvme0n1
CLASS=/sys/class/nvme/nvme0
QUEUE=/sys/block/nvme0n1/queue
raw() { # BLOCK COUNT SKIP SEEK: blocks of the data to the disk and back, past the cache
  dd if=/tmp/data bs=$1 skip=$3 count=$2 2> /dev/null | md5sum > /tmp/sent
  dd if=/tmp/data of=$DISK bs=$1 skip=$3 seek=$4 count=$2 oflag=direct conv=notrunc || return 1
  dd if=$DISK bs=$1 skip=$4 count=$2 iflag=direct 2> /dev/null | md5sum > /tmp/got
  cmp /tmp/sent /tmp/got || return 1
  fact medium $1 $2 $4 $(cut -c 1-32 < /tmp/sent) > /dev/console
}
`;

const FIND = `${WORDS}
step insert insert nvme
step probe await 20 test -b $DISK
fact state $(cat $CLASS/state)
fact model $(cat $CLASS/model)
fact serial $(cat $CLASS/serial)
fact sectors $(cat /sys/block/nvme0n1/size)
fact block-bytes $(cat $QUEUE/logical_block_size)
fact most-kib $(cat $QUEUE/max_hw_sectors_kb)
`;

const PROBE = `${FIND}
fact whole $(md5sum < $DISK | cut -c 1-32)
`;

const LAST = `
fact interrupts $(grep nvme /proc/interrupts | head -n 1)
`;

/** Is there a disk, and can it be read? */
export const PROBE_ONLY: Guest = { modules: ["nvme"], programs: [], libraries: [], script: PROBE + LAST };

/**
 * Raw transfers of several sizes past the page cache, each written, read back and left for the host to find on the medium;
 * a controller reset under load; a driver that leaves and comes back; a file system with a tree of files.
 */
export const WORK: Guest = {
  ...TOOLS,
  script: `${PROBE}
dd if=/dev/urandom of=/tmp/data bs=64k count=96 2> /dev/null
step raw-block raw $(cat $QUEUE/logical_block_size) 40 3 1000
step raw-4k raw 4k 64 1 511
step raw-12k raw 12k 30 2 300
step raw-64k raw 64k 32 5 100
step raw-1m raw 1M 5 0 20
step raw-odd raw 36k 9 1 1001
parallel() { # four readers at once
  for i in 0 1 2 3; do dd if=$DISK bs=64k skip=$((i * 100)) count=100 iflag=direct 2> /dev/null | md5sum > /tmp/par.$i & done
  wait
  for i in 0 1 2 3; do dd if=$DISK bs=4k skip=$((i * 1600)) count=1600 2> /dev/null | md5sum | cmp - /tmp/par.$i || return 1; done
}
step parallel parallel

reset_under_load() {
  dd if=$DISK of=/dev/null bs=64k count=400 iflag=direct & reader=$!
  usleep 100000
  echo 1 > $CLASS/reset_controller || return 1
  wait $reader || return 1
  await 10 grep -q live $CLASS/state
}
step reset reset_under_load
step raw-after-reset raw 4k 16 7 2000
again() {
  rmmod nvme && ! test -e $DISK && insmod /modules/nvme.ko && await 20 test -b $DISK
}
step driver-again again

step insert-crc insert crc32c_generic
step insert-ext4 insert ext4
step mke2fs /tools/mke2fs -q -t ext4 -F $DISK
step mount mount -t ext4 $DISK /mnt
tree() {
  mkdir /mnt/tree /mnt/small && cp -a /modules /lib /bin /init /tmp/data /mnt/tree || return 1
  i=0; while [ $i -lt 200 ]; do echo "file $i of many" > /mnt/small/$i; i=$((i + 1)); done
  (cd /mnt && find tree small -type f | sort | xargs md5sum) > /tmp/sums
  cp /tmp/sums /mnt/sums
}
step copy tree
step copy-right sh -c 'cd /mnt/tree && cmp modules/nvme.ko /modules/nvme.ko && cmp lib/libc.so.6 /lib/libc.so.6 && cmp data /tmp/data'
step unmount umount /mnt
step fsck /tools/e2fsck -f -n $DISK
step drop-caches sh -c 'echo 3 > /proc/sys/vm/drop_caches'
step mount-again mount -t ext4 $DISK /mnt
step compare sh -c 'cd /mnt && cmp sums /tmp/sums && md5sum -c -s sums'
thin() {
  rm /mnt/small/?5* && (cd /mnt && find tree small -type f | sort | xargs md5sum) > /tmp/sums && cp /tmp/sums /mnt/sums
}
step remove thin
if [ $(cat $QUEUE/discard_max_bytes) != 0 ]; then step trim fstrim -v /mnt; fi
step unmount-last umount /mnt
step fsck-last /tools/e2fsck -f -n $DISK
fact sums $(md5sum < /tmp/sums | cut -c 1-32)
fact files $(wc -l < /tmp/sums)
${LAST}`,
};

/**
 * Enough commands to meet the device's faults, with a driver that loses patience soon; all of the data must be right in the end.
 * Past the cache, as Linux reads ahead without a second try. Then the controller dies of one command, and comes back.
 */
export const THROUGH_FAULTS: Guest = {
  modules: ["nvme"],
  programs: [],
  libraries: [],
  script: `
echo io_timeout=2 admin_timeout=5 > /modules/nvme-core.arguments
${FIND}
fact whole $(dd if=$DISK bs=256k iflag=direct 2> /dev/null | md5sum | cut -c 1-32)
dd if=/dev/urandom of=/tmp/data bs=64k count=32 2> /dev/null
step raw-4k raw 4k 100 1 511
step raw-64k raw 64k 20 5 100
step raw-12k raw 12k 30 2 300
step raw-256k raw 256k 6 1 20
step raw-4k-more raw 4k 400 0 3000
fact fatal next
dd if=$DISK of=/dev/null bs=4k count=8 iflag=direct 2> /dev/null
alive() { dd if=$DISK of=/dev/null bs=4k count=1 iflag=direct && grep -q live $CLASS/state; }
step alive-again await 60 alive
step raw-after-death raw 64k 20 5 200
fact final-state $(cat $CLASS/state)
${LAST}`,
};

/** A second boot finds what the first left. */
export const AGAIN: Guest = {
  ...TOOLS,
  script: `${PROBE}
step insert-crc insert crc32c_generic
step insert-ext4 insert ext4
step fsck /tools/e2fsck -f -n $DISK
step mount mount -t ext4 $DISK /mnt
fact sums $(md5sum < /mnt/sums | cut -c 1-32)
step compare sh -c 'cd /mnt && md5sum -c -s sums'
step unmount umount /mnt
${LAST}`,
};
