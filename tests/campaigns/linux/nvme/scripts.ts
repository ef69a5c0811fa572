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
dd if=$DISK of=/dev/null bs=4k count=100 iflag=direct 2> /dev/null
alive() { dd if=$DISK of=/dev/null bs=4k count=1 iflag=direct && grep -q live $CLASS/state; }
step alive-again await 60 alive
step raw-after-death raw 64k 20 5 200
fact final-state $(cat $CLASS/state)
${LAST}`,
};

/** Commands that no file system sends, by the tool that administrators use; and a second namespace, if there is one. */
export const BY_HAND: Guest = {
  modules: ["nvme"],
  programs: ["usr/sbin/nvme"],
  libraries: [
    ...["ld-linux.so.2", "libc.so.6", "libnvme.so.1", "libnvme-mi.so.1", "libjson-c.so.5", "libz.so.1", "libcrypto.so.3", "libdbus-1.so.3"],
    ...["libsystemd.so.0", "libcap.so.2", "libgcrypt.so.20", "libgpg-error.so.0", "liblzma.so.5", "libzstd.so.1", "liblz4.so.1"],
  ],
  script: `${PROBE}
NVME=/tools/nvme
CONTROLLER=/dev/nvme0
BYTES=$(cat $QUEUE/logical_block_size)
dd if=/dev/urandom of=/tmp/data bs=$BYTES count=8 2> /dev/null
dd if=/dev/urandom of=/tmp/other bs=$BYTES count=8 2> /dev/null
dd if=/dev/zero of=/tmp/zeros bs=$BYTES count=8 2> /dev/null
step id-ctrl $NVME id-ctrl $CONTROLLER -H
step id-ns $NVME id-ns $DISK -H
step ns-descs $NVME ns-descs $DISK
fact namespaces $($NVME list-ns $CONTROLLER | sed 's/.*://')
fact size $($NVME id-ns $DISK | sed -n 's/^nsze *: *//p')
step smart $NVME smart-log $CONTROLLER
step errors-log $NVME error-log $CONTROLLER -e 4
step firmware-log $NVME fw-log $CONTROLLER
step effects-log $NVME effects-log $CONTROLLER
step changed-log $NVME changed-ns-list-log $CONTROLLER
features() {
  for feature in 1 2 4 5 6 7 8 9 10 11; do for select in 0 1 3; do
    $NVME get-feature $CONTROLLER -f $feature -s $select -n $(($feature == 5)) || return 1
  done; done
}
step features features
coalescing() { $NVME set-feature $CONTROLLER -f 8 -v 0x0102 && $NVME get-feature $CONTROLLER -f 8 | grep -qi 0x0*102 && $NVME set-feature $CONTROLLER -f 8 -v 0; }
step coalescing coalescing

block() { # COMMAND START FILE: eight blocks
  $NVME $1 $DISK -s $2 -c 7 -z $((8 * BYTES)) -d $3
}
refused() { # WORD COMMAND…: must fail, and say why
  word=$1; shift
  "$@" > /tmp/refused 2>&1 && return 1
  cat /tmp/refused; grep -qi "$word" /tmp/refused
}
back() { rm -f /tmp/back; block read $1 /tmp/back && cmp /tmp/back $2; }
step write block write 100 /tmp/data
step read back 100 /tmp/data
step compare block compare 100 /tmp/data
step compare-other refused compar block compare 100 /tmp/other
step verify $NVME verify $DISK -s 100 -c 7
step zeroes $NVME write-zeroes $DISK -s 100 -c 7
step read-zeroes back 100 /tmp/zeros
step write-again block write 100 /tmp/other
step deallocate $NVME dsm $DISK -s 100 -b 8 -d
step uncorrectable $NVME write-uncor $DISK -s 300 -c 7
step read-uncorrectable refused unrecovered block read 300 /tmp/back
step heal block write 300 /tmp/data
step read-healed back 300 /tmp/data
step flush $NVME flush $DISK
step beyond refused range $NVME read $DISK -s $(($(cat /sys/block/nvme0n1/size) * 512 / BYTES)) -c 0 -z $BYTES -d /tmp/back
step unknown-opcode refused opcode $NVME admin-passthru $CONTROLLER --opcode=0x7f
step unknown-log refused log $NVME get-log $CONTROLLER --log-id=0xbf --log-len=512
step reset $NVME reset $CONTROLLER
step live await 20 grep -q live $CLASS/state
step read-after-reset back 300 /tmp/data
formats() { $NVME id-ns $DISK | grep ^lbaf; }
changed() { [ $(cat $QUEUE/logical_block_size) != $1 ]; }
format() { # to the other of the two block sizes and back
  for index in $1 $2; do
    before=$(cat $QUEUE/logical_block_size)
    $NVME format $DISK --lbaf=$index --force && await 10 changed $before || { formats; return 1; }
  done
}
OTHER=$(formats | awk '!/in use/ { print $2; exit }')
OWN=$(formats | awk '/in use/ { print $2 }')
step format format $OTHER $OWN
BYTES=$(cat $QUEUE/logical_block_size)
step read-formatted back 300 /tmp/zeros
SECOND=/dev/nvme0n2
if [ -b $SECOND ]; then
  fact second $(cat /sys/block/nvme0n2/size) $(cat /sys/block/nvme0n2/queue/logical_block_size)
  second() {
    dd if=/tmp/data of=$SECOND bs=4k seek=3 count=1 oflag=direct && dd if=$SECOND of=/tmp/back bs=4k skip=3 count=1 iflag=direct &&
    dd if=/tmp/data of=/tmp/first bs=4k count=1 && cmp /tmp/first /tmp/back
  }
  step second second
fi
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
