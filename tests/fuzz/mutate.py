"""Makes new inputs of old ones, the same ones for the same random numbers."""

from __future__ import annotations

import random

PIECES = (
    b"(", b")", b"[", b"]", b"{", b"}", b'"', b"'", b"\\", b";", b".", b"**", b"[*]", b"[?(", b"$x", b":=", b"|", b"&&",
    b"!", b"==", b"=~", b"@t", b"10m", b"-1", b"1e999", b"9" * 30, b"\n", b"#", b"\x00", b"\xff", b"\xef\xbb\xbf",
    "é“".encode(), b"\xc0", b"\xc1", b"\xdf\xff\xff\xff\xff", b"\xdd\x00\x00\x00\x01", b"\xdb\x7f\xff\xff\xff",
    b"\xcf" + b"\xff" * 8, b"\x81\xa1a", b"\x91" * 50, b"\xca\x7f\xc0\x00\x00", b"\xd4\x01\x00",
)  # fmt: skip


class Mutator:
    """Each input is a seed with one to four changes."""

    def __init__(self, chance: random.Random, seeds: list[bytes]) -> None:
        self.chance = chance
        self.seeds = seeds
        self.changes = (self.flip, self.cut, self.insert, self.repeat, self.cross, self.truncate)

    def next(self) -> bytes:
        data = self.chance.choice(self.seeds)
        for _ in range(self.chance.randint(1, 4)):
            data = self.chance.choice(self.changes)(data)
        return data[:4096]

    def piece_of(self, data: bytes) -> tuple[int, int]:
        start = self.chance.randint(0, len(data))
        return start, min(len(data), start + self.chance.choice((1, 1, 2, 4, 16, 64)))

    def flip(self, data: bytes) -> bytes:
        if not data:
            return data
        at = self.chance.randrange(len(data))
        return data[:at] + bytes((data[at] ^ 1 << self.chance.randrange(8),)) + data[at + 1 :]

    def cut(self, data: bytes) -> bytes:
        start, end = self.piece_of(data)
        return data[:start] + data[end:]

    def insert(self, data: bytes) -> bytes:
        start, end = self.piece_of(data)
        return data[:start] + self.chance.choice(PIECES) + data[self.chance.choice((start, end)) :]

    def repeat(self, data: bytes) -> bytes:
        start, end = self.piece_of(data)
        return data[:end] + data[start:end] * self.chance.choice((1, 2, 200)) + data[end:]

    def cross(self, data: bytes) -> bytes:
        other = self.chance.choice(self.seeds)
        return data[: self.chance.randint(0, len(data))] + other[self.chance.randint(0, len(other)) :]

    def truncate(self, data: bytes) -> bytes:
        return data[: self.chance.randint(0, len(data))]
