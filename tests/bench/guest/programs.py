"""What python3 does in the guest, for tests/bench: the same on any host."""


class Account:
    def __init__(self, owner):
        self.owner, self.balance, self.log = owner, 0, []

    def put(self, amount):
        self.balance += amount
        self.log.append((amount, self.balance))
        return self


def queens(n, row=0, columns=0, left=0, right=0):
    if row == n:
        return 1
    found, free = 0, ~(columns | left | right) & ((1 << n) - 1)
    while free:
        bit = free & -free
        free ^= bit
        found += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return found


def main():
    words = {}
    text = ("the quick brown fox jumps over the lazy dog and peppercorn grinds on " * 60).split()
    for n, word in enumerate(text):
        words.setdefault(word[::-1].upper(), []).append(n)
    print(sorted((len(v), k) for k, v in words.items()))
    accounts = [Account("owner %d" % n) for n in range(20)]
    for n in range(2000):
        accounts[n * 7 % 20].put(n * n % 101 - 50)
    print([(a.owner, a.balance, len(a.log)) for a in accounts])
    print(queens(6), pow(3, 2000, 10 ** 40 + 7), sum(1 / (n * n) for n in range(1, 3000)))
    print(sum(int(c) for c in str(2 ** 3000)), "%.12f" % sum(n ** 0.5 for n in range(2000)))
    rows = ["%d,%s,%d" % (n, "abcdef"[n % 6] * 3, n * n) for n in range(800)]
    print(sum(int(r.split(",")[2]) for r in rows if "ccc" in r))


main()
