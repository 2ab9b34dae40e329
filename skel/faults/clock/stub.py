"""The code that stands in for `__vdso_clock_gettime` in a process whose clock we keep, and the numbers that it reads.

The real function stays as it is and is called first; its answer `now` becomes `virtual + (now - real) * rate`. The
numbers are guarded as by a seqlock: whoever writes makes the sequence odd, writes, and makes it even again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from skel.faults.clock.elf import NoVdso, Vdso

TARGET = "__vdso_clock_gettime"
ALIASES = (TARGET, "clock_gettime")
NANO = 1_000_000_000

# Only CLOCK_REALTIME (0) and CLOCK_MONOTONIC (1) are kept; others are answered as they are. It uses what a C function
# may use, and 32 bytes of the stack besides what the real one needs.
_BEFORE_CALL = bytes.fromhex(
    "f30f1efa"  # endbr64
    "57"  # push rdi                 the clock
    "56"  # push rsi                 where its time goes
    "4883ec08"  # sub rsp, 8
    "e8"  # call REAL
)
_AFTER_CALL = bytes.fromhex(
    "4883c408"  # add rsp, 8
    "5e"  # pop rsi
    "5f"  # pop rdi
    "85c0"  # test eax, eax
    "7556"  # jne done
    "83ff01"  # cmp edi, 1
    "7751"  # ja done
    "4c690600ca9a3b"  # imul r8, [rsi], 1000000000
    "4c034608"  # add r8, [rsi+8]          now, in nanoseconds
    "c1e704"  # shl edi, 4
    "4c8d0d"  # lea r9, [rip+NUMBERS]
)
_AFTER_LEA = bytes.fromhex(
    "4d8b11"  # retry: mov r10, [r9]     the sequence
    "41f6c201"  # test r10b, 1
    "75f7"  # jne retry
    "31c9"  # xor ecx, ecx
    "4c89c0"  # mov rax, r8
    "492b443920"  # sub rax, [r9+rdi+32]    - real
    # Somebody asked for the time just before the numbers changed: no clock goes back.
    "480f48c1"  # cmovs rax, rcx
    "49f76108"  # mul qword [r9+8]        * numerator
    "49f77110"  # div qword [r9+16]       / denominator
    "4903443928"  # add rax, [r9+rdi+40]    + virtual
    "4d3b11"  # cmp r10, [r9]
    "75d7"  # jne retry
    "31d2"  # xor edx, edx
    "b900ca9a3b"  # mov ecx, 1000000000
    "48f7f1"  # div rcx
    "488906"  # mov [rsi], rax
    "48895608"  # mov [rsi+8], rdx
    "31c0"  # xor eax, eax
    "c3"  # done: ret
)
_OFFSET = 4
"""Bytes of an address relative to the next instruction."""
_SIZE = len(_BEFORE_CALL) + len(_AFTER_CALL) + len(_AFTER_LEA) + 2 * _OFFSET
_NUMBERS = struct.Struct("<QQQqqqq")


@dataclass(frozen=True, slots=True)
class Pair:
    """One clock: what the real one showed when ours showed `virtual`, in nanoseconds."""

    real: int
    virtual: int

    def at(self, now: int, numerator: int, denominator: int) -> int:
        """What ours shows when the real one shows `now`; as the stub counts it."""
        return self.virtual + max(0, now - self.real) * numerator // denominator

    def moved(self, step: int) -> Pair:
        return Pair(self.real, self.virtual + step)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the stub reads. The rate is virtual seconds in real ones."""

    numerator: int
    denominator: int
    realtime: Pair
    monotonic: Pair

    def packed(self) -> bytes:
        """All but the sequence, which stands before it."""
        pairs = (self.realtime.real, self.realtime.virtual, self.monotonic.real, self.monotonic.virtual)
        return _NUMBERS.pack(self.numerator, self.denominator, 0, *pairs)


@dataclass(frozen=True, slots=True)
class Patch:
    """What to write where, as offsets in the image; `numbers` is where the sequence stands."""

    writes: tuple[tuple[int, bytes], ...]
    numbers: int


def patch_for(vdso: Vdso) -> Patch:
    """The symbol leads to the stub, so that whoever looks the function up finds it. Raises NoVdso."""
    real = vdso.symbols.get(TARGET)
    if real is None:
        raise NoVdso(f"it has no {TARGET}")
    code = _aligned(vdso.end + 1)
    numbers = _aligned(code + _SIZE)
    if numbers + 8 + _NUMBERS.size > vdso.size:
        raise NoVdso(f"it has no room: {vdso.size - vdso.end} bytes are left")
    address = struct.pack("<Q", code + vdso.bias)
    entries = tuple((vdso.symbols[name].entry, address) for name in ALIASES if name in vdso.symbols)
    return Patch(((code, _code(code, real.address, numbers)), *entries), numbers)


def _code(at: int, real: int, numbers: int) -> bytes:
    behind_call = at + len(_BEFORE_CALL) + _OFFSET
    behind_lea = behind_call + len(_AFTER_CALL) + _OFFSET
    call, lea = (struct.pack("<i", offset) for offset in (real - behind_call, numbers - behind_lea))
    return _BEFORE_CALL + call + _AFTER_CALL + lea + _AFTER_LEA


def _aligned(offset: int) -> int:
    """At the beginning of a line of the cache."""
    return -(-offset // 64) * 64
