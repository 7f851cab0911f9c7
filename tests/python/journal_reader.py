"""A reader of journals made from docs/JOURNAL.md alone, to hold the page against the library.

    python3 tests/python/journal_reader.py FOLDER

prints every event as number, kind and payload in hexadecimal, and ends with 1 at what is corrupt.
"""
import hashlib
import struct
import sys
from pathlib import Path

BLOCK = 4096
SNAPSHOT = 4


class Corrupt(Exception):
    """Segment and offset of what is not as it was written."""


def _table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def record_at(segment, offset, salt):
    """(sequence, unsynced, kind, payload, all of it), or None where no good record begins."""
    if len(segment) < offset + 24:
        return None
    crc, length, sequence, unsynced, kind, zeros = struct.unpack_from("<IIQIB3s", segment, offset)
    record = segment[offset:offset + 24 + length]
    if length > 16384 or len(record) < 24 + length or zeros != bytes(3):
        return None
    if crc != crc32c(salt + record[4:]):
        return None
    return sequence, unsynced, kind, record[24:], record


def is_zero(data):
    return not any(data)


def was_durable(segment, offset, due, salt):
    for at in range(offset, len(segment) - 24):
        sequence, unsynced = struct.unpack_from("<QI", segment, at + 8)
        if sequence - unsynced >= due or sequence == due:
            if record_at(segment, at, salt):
                return True
    return False


class Reader:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.salt = self.chain = None
        self.due = 1

    def events(self):
        """(sequence, kind, payload) of every event."""
        return (record[:3] for record in self.records() if record[1] == 1)

    def records(self):
        """(sequence, kind, payload, leaf of the tree) of every record."""
        names = sorted(path.name for path in self.folder.glob("*.twj") if path.name != "next.twj")
        for name in names:
            known = self.salt is not None
            if len(name) != 24 or not name[:20].isdigit():
                raise Corrupt(name, 0)
            segment = (self.folder / name).read_bytes()
            if name == names[-1] and len(segment) < BLOCK:
                return
            self.begin(name, segment)
            batches = self.batches(name, segment, name == names[-1])
            if not known and self.due > 1:
                # The beginning is archived: a snapshot must stand for it.
                batches = list(batches)
                if not any(kind == SNAPSHOT for _, kind, _, _ in batches):
                    raise Corrupt(name, 0)
            yield from batches

    def begin(self, name, segment):
        magic, crc, first, salt, chain = struct.unpack_from("<4sIQ16s32s", segment, 0)
        good = crc == crc32c(segment[:4] + segment[8:BLOCK]) and magic == b"TWJ\x02"
        if self.salt:
            follows = (salt, chain) == (self.salt, self.chain)
        else:
            self.due = first
            follows = first > 1 or chain == sha256(salt)
        if not (good and follows and first == self.due == int(name[:20])):
            raise Corrupt(name, 0)
        self.salt, self.chain = salt, chain

    def batches(self, name, segment, is_last):
        end, durable = BLOCK, self.due - 1
        while True:
            start = end
            block = -(-end // BLOCK) * BLOCK
            if not record_at(segment, start, self.salt) and is_zero(segment[start:block]):
                start = block
                if is_zero(segment[start:]):
                    return
            batch, chain, due = [], self.chain, self.due
            while True:
                found = record_at(segment, start, self.salt)
                if not found:
                    if not is_last or was_durable(segment, start, due, self.salt):
                        raise Corrupt(name, start)
                    return
                sequence, unsynced, kind, payload, record = found
                if not batch and start == block and unsynced == 1:
                    durable = sequence - 1
                if (sequence, sequence - unsynced) != (due, durable):
                    raise Corrupt(name, start)
                batch.append((sequence, kind, payload, chain + record[4:]))
                if kind == 2 and payload != struct.pack("<IQ", len(batch) - 1, durable) + chain:
                    raise Corrupt(name, start)
                chain = sha256(b"\0", chain, record[4:])
                due += 1
                start += len(record)
                if kind == 2:
                    break
            self.chain, self.due, end = chain, due, start
            yield from batch


def main(folder):
    reader = Reader(folder)
    try:
        for sequence, _, payload in reader.events():
            print(sequence, payload[0], payload.hex())
    except Corrupt as corrupt:
        print(*corrupt.args)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
