#!/usr/bin/env python3
# Computes the polynomials and split constants of fmath.c (needs mpmath). Chebyshev fits in 60-digit arithmetic, each with
# its largest error relative to the function's value as a power of two. Not part of the build.
from mpmath import asin, atan, chebyfit, binomial, factorial, floor, log, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def fit(name, function, low, high, terms, weight):
    coefficients, error = chebyfit(function, [low, high], terms, error=True)
    print(f"{name}: {terms} terms, error 2^{nstr(log(error * weight, 2), 4)}")
    for c in reversed(coefficients):
        print(f"  {float(c).hex()}")


def sin_rest(z):  # (sin(x)/x - 1)/z, z = x^2
    return sum((-1) ** (k + 1) * z**k / factorial(2 * k + 3) for k in range(30))


def cos_rest(z):  # (cos(x) - 1 + z/2)/z^2
    return sum((-1) ** k * z**k / factorial(2 * k + 4) for k in range(30))


def atan_rest(z):  # (atan(t)/t - 1)/z
    return sum((-1) ** (k + 1) * z**k / (2 * k + 3) for k in range(60))


def asin_rest(z):  # (asin(x)/x - 1)/z
    if z < mpf(10) ** -6:
        return sum(binomial(2 * k, k) / mpf(4) ** k / (2 * k + 1) * z ** (k - 1) for k in range(1, 14))
    x = sqrt(z)
    return (asin(x) / x - 1) / z


def exp_rest(r):  # (exp(r) - 1 - r)/r^2
    return sum(r**k / factorial(k + 2) for k in range(40))


def log_rest(z):  # (2 atanh(s) - 2 s)/s^3, z = s^2
    return sum(mpf(2) * z**k / (2 * k + 3) for k in range(60))


def split(name, value, places):  # the leading parts end at these binary places; the last part is the nearest double
    parts = []
    for place in places:
        part = floor(value * mpf(2) ** place) / mpf(2) ** place
        parts.append(float(part).hex())
        value -= part
    print(name, *parts, float(value).hex())


def pair(name, value):
    print(name, float(value).hex(), float(value - mpf(float(value))).hex())


margin = mpf("1.0001")
quarter = (pi / 4) ** 2 * margin
fit("sin", sin_rest, mpf(0), quarter, 6, quarter)
fit("cos", cos_rest, mpf(0), quarter, 6, quarter**2)
fit("atan", atan_rest, mpf(0), (mpf(3) / 16) ** 2, 9, (mpf(3) / 16) ** 2)
fit("asin", asin_rest, mpf(0), mpf(1) / 4, 14, mpf(1) / 4)
half_ln2 = log(mpf(2)) / 2 * margin
fit("exp", exp_rest, -half_ln2, half_ln2, 11, half_ln2**2)
s2 = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * margin
fit("log", log_rest, mpf(0), s2, 8, s2 / 2)
split("pi/2", pi / 2, [32, 66, 100])
split("ln 2", log(mpf(2)), [42])
pair("2/pi", 2 / pi)
pair("1/ln 2", 1 / log(mpf(2)))
pair("ln(2 pi)/2", log(2 * pi) / 2)
pair("pi", pi)
for k in range(2, 9):
    pair(f"atan({k}/8)", atan(mpf(k) / 8))
