"""
A spectrogram by conv1d
=======================

A short-time Fourier transform is a convolution: each filter is a wave of one frequency
under a window, and the stride is the hop from one spectrum to the next. What one
learns: that ``conv1d`` with a bank of such filters gives the numbers of
:class:`scipy.signal.ShortTimeFFT`, and what the length of the filters decides.

It needs matplotlib and scipy.
"""

# sphinx_gallery_thumbnail_number = 2

import convx
import matplotlib.pyplot as plt
import numpy as np
from scipy import signal

# %%
# A sound
# -------
# Three seconds at 8000 samples a second: a tone that rises from 200 to 3000 Hz, two
# steady tones that are 40 Hz apart, and two clicks that are 20 ms apart.

rate = 8000
seconds = np.arange(3 * rate) / rate
sound = signal.chirp(seconds, f0=200, t1=3, f1=3000)
for frequency in (3400, 3440):
    sound += 0.5 * np.sin(2 * np.pi * frequency * seconds)
sound[[8000, 8160]] += 20

# %%
# The filters
# -----------
# For the frequency f, the sums of the windowed samples times cos(2 pi f t) and times
# -sin(2 pi f t) are the real and the imaginary part of the spectrum. A window of n
# samples tells n / 2 + 1 frequencies apart: n + 2 filters of n taps.


def fourier_filters(window):
    """Return the bank, (n + 2, 1, n): a cosine for each frequency, then the sines."""
    n = len(window)
    phase = 2 * np.pi * np.arange(n // 2 + 1)[:, None] * np.arange(n) / n
    return (window * np.concatenate([np.cos(phase), -np.sin(phase)]))[:, None]


def spectrogram(sound, window, hop):
    """Return the power (frequencies, times) around the samples 0, hop, 2 * hop, ..."""
    filters, half = fourier_filters(window), len(window) // 2
    both = convx.conv1d(sound[None], filters, stride=hop, padding=half)
    real, imaginary = np.split(both, 2)
    return real**2 + imaginary**2


filters = fourier_filters(signal.windows.hann(256, sym=False))
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for number, height in ((2, 0), (5, -2.2), (12, -4.4)):
    (cosine,) = axes.plot(filters[number, 0] + height, color="tab:blue")
    (sine,) = axes.plot(filters[129 + number, 0] + height, color="tab:orange")
    axes.text(260, height, f"{number * rate / 256:.0f} Hz", va="center")
axes.set(xlabel="tap", xticks=range(0, 257, 64), yticks=[], xlim=(0, 290))
axes.set_title("Three of the 129 pairs of filters")
axes.legend([cosine, sine], ["cosine", "sine"], loc="upper left", bbox_to_anchor=(1, 1))
axes.spines[["left", "right", "top"]].set_visible(False)

# %%
# The same numbers
# ----------------
# ``padding=n // 2`` puts silence before the first and after the last sample, so that
# the first spectrum is centred on sample 0, as scipy does.

for n in (64, 256, 1024):
    window, hop = signal.windows.hann(n, sym=False), n // 4
    ours = spectrogram(sound, window, hop)
    transform = signal.ShortTimeFFT(window, hop, rate)
    expected = transform.spectrogram(sound, p0=0, p1=ours.shape[1])
    difference = np.abs(ours - expected).max() / expected.max()
    frequencies, times = ours.shape
    print(f"{n:4} taps: {frequencies:3} frequencies, {times:4} times", end=", ")
    print(f"largest difference {difference:.1e}")
    assert difference < 1e-12

# %%
# Long filters and short ones
# ---------------------------
# A window of n samples tells frequencies apart that differ by some 2 / n of the rate,
# and instants that differ by some n / 2 samples: what one gains the other loses. On the
# left the whole sound, on the right the part around the clicks and the two tones. The
# long filters separate the tones and smear the clicks; the short ones separate the
# clicks and hear one tone that beats 40 times a second.

figure = plt.figure(figsize=(10, 8), layout="constrained")
rows = figure.subplots(3, 2, width_ratios=(2, 1))
for (whole, part), n in zip(rows, (64, 256, 1024), strict=True):
    window, hop = signal.windows.hann(n, sym=False), 8
    power = spectrogram(sound, window, hop) / window.sum() ** 2
    decibels = 10 * np.log10(power + 1e-12)
    half, step = hop / rate / 2, rate / n
    extent = (-half, power.shape[1] * hop / rate - half, -step / 2, rate / 2 + step / 2)
    how = {"extent": extent, "cmap": "magma", "vmin": -60, "vmax": 0}
    for axes in (whole, part):
        image = axes.imshow(decibels, origin="lower", aspect="auto", **how)
    whole.set(ylabel="frequency (Hz)", ylim=(0, rate / 2), xlim=(0, 3))
    milliseconds = 1000 * n / rate
    whole.set_title(f"{n} taps: {milliseconds:.0f} ms, {step:.1f} Hz from row to row")
    part.set(xlim=(0.93, 1.09), ylim=(3250, 3590), title="tones and clicks")
for axes in rows[-1]:
    axes.set_xlabel("time (s)")
figure.colorbar(image, ax=rows, label="power (dB)", shrink=0.6)

# %%
# A Fourier transform is the faster way for long windows, since it needs n log n
# operations where n filters of n taps need n * n. A convolution is what remains when
# the filters are anything else: fewer frequencies, other distances between them, or
# weights that a network has learnt.

plt.show()
