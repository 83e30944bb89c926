#!/usr/bin/env python3
"""The second opinion of test_dfp: decimal floating point by Python's decimal module.

Lines in: OP FORMAT ROUNDING ENABLES A B, operands in hex.  FORMAT and the result's are 32, 64 or
128; ENABLES is 1 for underflow, 2 for overflow, 4 for invalid operation.
Lines out: RESULT FORMAT FLAGS FR FI, flags as the FPSCR has them.
"""
import decimal
import sys
from decimal import Decimal

ROUNDING = (decimal.ROUND_HALF_EVEN, decimal.ROUND_DOWN, decimal.ROUND_CEILING,
            decimal.ROUND_FLOOR, decimal.ROUND_HALF_UP, decimal.ROUND_HALF_DOWN,
            decimal.ROUND_UP, decimal.ROUND_05UP)
OX, UX, ZX, XX = 0x10000000, 0x08000000, 0x04000000, 0x02000000
VXSNAN, VXISI, VXIDI, VXZDZ = 0x01000000, 0x00800000, 0x00400000, 0x00200000
VXIMZ, VXVC, VXCVI = 0x00100000, 0x00080000, 0x00000100
UE, OE, VE = 1, 2, 4


def declet_digits(v):
    """IEEE 754-2008, table 3.3, read row by row."""
    b = [v >> (9 - i) & 1 for i in range(10)]
    three = lambda i: 4 * b[i] + 2 * b[i + 1] + b[i + 2]
    two = lambda i, low: 4 * b[i] + 2 * b[i + 1] + b[low]
    if not b[6]:
        return three(0), three(3), three(7)
    if (b[7], b[8]) == (0, 0):
        return three(0), three(3), 8 + b[9]
    if (b[7], b[8]) == (0, 1):
        return three(0), 8 + b[5], two(3, 9)
    if (b[7], b[8]) == (1, 0):
        return 8 + b[2], three(3), two(0, 9)
    return {(0, 0): (8 + b[2], 8 + b[5], two(0, 9)),
            (0, 1): (8 + b[2], two(0, 5), 8 + b[9]),
            (1, 0): (three(0), 8 + b[5], 8 + b[9]),
            (1, 1): (8 + b[2], 8 + b[5], 8 + b[9])}[b[3], b[4]]


DIGITS = [declet_digits(v) for v in range(1024)]
# Of several codes for 888 ... 999 the one with zeros in front is preferred.
DECLET = {d: v for v, d in reversed(list(enumerate(DIGITS)))}


class Format:
    def __init__(self, width, precision, emax):
        self.width, self.p, self.emax, self.emin = width, precision, emax, 1 - emax
        self.bias = emax + precision - 2
        self.tbits = (precision - 1) // 3 * 10
        self.ebits = width - 6 - self.tbits  # below the combination field's five

    def context(self, rounding, wide=False):
        return decimal.Context(prec=self.p, rounding=ROUNDING[rounding], clamp=0 if wide else 1,
                               Emax=900000 if wide else self.emax,
                               Emin=-900000 if wide else self.emin, traps=[], flags=[])

    def decode(self, v):
        sign, g = v >> (self.width - 1), v >> (self.width - 6) & 31
        digits = []
        for i in range(self.tbits - 10, -1, -10):
            digits += DIGITS[v >> i & 1023]
        if g == 30:
            return Decimal((sign, (0,), "F"))
        if g == 31:
            return Decimal((sign, digits, "N" if v >> (self.width - 7) & 1 else "n"))
        top, first = (g >> 1 & 3, 8 + (g & 1)) if g >> 3 == 3 else (g >> 3, g & 7)
        low = v >> self.tbits & ((1 << self.ebits) - 1)
        return Decimal((sign, [first] + digits, (top << self.ebits | low) - self.bias))

    def encode(self, d):
        sign, digits, exp = d.as_tuple()
        special = {"F": 30, "n": 31, "N": 31}.get(exp)
        digits = (0,) * (self.p - len(digits)) + tuple(digits)
        assert len(digits) == self.p, d
        v = 0
        for i in range(1, self.p, 3):
            v = v << 10 | DECLET[digits[i:i + 3]]
        if special:
            v = 0 if exp == "F" else v
            g = special << self.ebits | (exp == "N") << (self.ebits - 1)
        else:
            e = exp + self.bias
            assert 0 <= e < 3 << self.ebits, d
            top = e >> self.ebits
            g = top << 3 | digits[0] if digits[0] < 8 else 24 | top << 1 | digits[0] & 1
            g = g << self.ebits | e & ((1 << self.ebits) - 1)
        return sign << (self.width - 1) | g << self.tbits | v


FORMATS = {32: Format(32, 7, 96), 64: Format(64, 16, 384), 128: Format(128, 34, 6144)}
WRAP = {64: 576, 128: 9216}
NARROW = {64: (32, 192), 128: (64, 3072)}


def scaled(d, n):
    sign, digits, exp = d.as_tuple()
    return Decimal((sign, digits, exp + n))


def rounded(fn, f, rounding, enables, wrap):
    """fn(context), by the book: value, whether it was wrapped, flags, FR, FI."""
    wide, down = fn(f.context(rounding, True)), fn(f.context(1, True))
    ctx = f.context(rounding)
    r = fn(ctx)
    flags, inexact = 0, bool(ctx.flags[decimal.Inexact])
    if ctx.flags[decimal.DivisionByZero]:
        flags |= ZX
    if not wide.is_finite() or not wide:
        # Nothing to round, but an exponent may have been brought into range.
        return r, False, flags, False, False
    tiny, huge = down.adjusted() < f.emin, wide.adjusted() > f.emax
    if tiny and enables & UE or huge and enables & OE:
        wctx = f.context(rounding, True)
        fn(wctx)
        flags |= (UX if tiny else OX) | (XX if wctx.flags[decimal.Inexact] else 0)
        wide = scaled(wide, wrap if tiny else -wrap)
        return wide, True, flags, abs(fn(f.context(rounding, True))) > abs(down), \
            bool(wctx.flags[decimal.Inexact])
    flags |= (OX if huge else 0) | (XX if inexact else 0) | (UX if tiny and inexact else 0)
    if not huge:
        wide, down = r, fn(f.context(1))
    return r, False, flags, abs(wide) > abs(down), inexact


def nan_of(f, *operands):
    """The NaN that is the result, and its flags; None without one."""
    for kind in (Decimal.is_snan, Decimal.is_qnan):
        for d in operands:
            if kind(d):
                digits = d.as_tuple().digits[-(f.p - 1):]
                return Decimal((d.is_signed(), digits, "n")), VXSNAN if d.is_snan() else 0
    return None


def invalid(op, a, b):
    if op in ("add", "sub"):
        minus = b.is_signed() != (op == "sub")
        return VXISI if a.is_infinite() and b.is_infinite() and a.is_signed() != minus else 0
    if op == "mul":
        return VXIMZ if (a.is_infinite() and b.is_zero()) or (b.is_infinite() and a.is_zero()) else 0
    if op == "div":
        return VXIDI if a.is_infinite() and b.is_infinite() else \
            VXZDZ if a.is_zero() and b.is_zero() else 0
    return 0


NAN = Decimal("NaN")


def arithmetic(op, f, rounding, enables, a, b):
    found = nan_of(f, a, b)
    if found:
        return found[0], f, found[1], 0, 0
    cause = invalid(op, a, b)
    if cause:
        return NAN, f, cause, 0, 0
    fn = {"add": lambda c: c.add(a, b), "sub": lambda c: c.subtract(a, b),
          "mul": lambda c: c.multiply(a, b), "div": lambda c: c.divide(a, b)}[op]
    r, _, flags, fr, fi = rounded(fn, f, rounding, enables, WRAP[f.width])
    return r, f, flags, fr, fi


def quantize(f, rounding, a, b):
    found = nan_of(f, a, b)
    if found:
        return found[0], f, found[1], 0, 0
    ctx = f.context(rounding)
    r = ctx.quantize(b, a)
    if ctx.flags[decimal.InvalidOperation]:
        return NAN, f, VXCVI, 0, 0
    inexact = b.is_finite() and r != b
    return r, f, XX if inexact else 0, inexact and abs(r) > abs(b), inexact


def rint(f, rounding, b):
    found = nan_of(f, b)
    if found:
        return found[0], f, found[1], 0, 0
    r = b.to_integral_value(ROUNDING[rounding])
    inexact = b.is_finite() and r != b
    return r, f, XX if inexact else 0, inexact and abs(r) > abs(b), inexact


def narrow(f, rounding, enables, b):
    width, wrap = NARROW[f.width]
    to = FORMATS[width]
    found = nan_of(to, b)
    if found:
        if width == 32 and b.is_snan():
            return Decimal((b.is_signed(), found[0].as_tuple().digits, "N")), to, 0, 0, 0
        return found[0], to, found[1], 0, 0
    r, wrapped, flags, fr, fi = rounded(lambda c: c.create_decimal(b), to, rounding, enables, wrap)
    return r, f if wrapped else to, flags, fr, fi


def compare(f, enables, ordered, a, b):
    flags = 0
    if a.is_nan() or b.is_nan():
        snan = a.is_snan() or b.is_snan()
        flags |= VXSNAN if snan else 0
        if ordered and not (snan and enables & VE):
            flags |= VXVC
        return 1, f, flags, 0, 0
    return 8 if a < b else 4 if a > b else 2, f, 0, 0, 0


def from_int(f, rounding, v):
    v -= (v >> 127) << 128
    r, _, flags, fr, fi = rounded(lambda c: c.create_decimal(Decimal(v)), f, rounding, 0, 0)
    return r, f, flags, fr, fi


def to_int(f, rounding, bits, b):
    top = 1 << (bits - 1)
    if b.is_nan():
        return -top, f, VXCVI | (VXSNAN if b.is_snan() else 0), 0, 0
    bound = -top if b.is_signed() else top - 1
    if b.is_infinite():
        return bound, f, VXCVI, 0, 0
    r = b.to_integral_value(ROUNDING[rounding])
    if not -top <= r < top:
        return bound, f, VXCVI, 0, 0
    inexact = r != b
    return int(r), f, XX if inexact else 0, inexact and abs(r) > abs(b), inexact


def answer(op, width, rounding, enables, a, b):
    f = FORMATS[width]
    if op == "fromint":
        return from_int(f, rounding, b)
    x, y = f.decode(a), f.decode(b)
    if op in ("cmpu", "cmpo"):
        return compare(f, enables, op == "cmpo", x, y)
    if op in ("toint64", "toint128"):
        return to_int(f, rounding, int(op[5:]), y)
    if op == "quantize":
        return quantize(f, rounding, x, y)
    if op == "rint":
        return rint(f, rounding, y)
    if op == "narrow":
        return narrow(f, rounding, enables, y)
    return arithmetic(op, f, rounding, enables, x, y)


def main():
    # Comparisons outside of a context must neither round nor trap.
    decimal.setcontext(decimal.Context(prec=40000, Emax=900000, Emin=-900000, traps=[]))
    for line in sys.stdin:
        op, width, rounding, enables, a, b = line.split()
        r, f, flags, fr, fi = answer(op, int(width), int(rounding), int(enables), int(a, 16),
                                     int(b, 16))
        v = f.encode(r) if isinstance(r, Decimal) else r & ((1 << 128) - 1)
        print("%x %d %x %d %d" % (v, f.width, flags, fr, fi))


main()
