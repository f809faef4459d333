"""The networks of the student project, exactly in shape, each vector in its true orientation.

Convolutions are 'same' padded without activation; every network ends in a softmax over the genres
and is trained with Adam on categorical cross-entropy. The project drew Rhythm Patterns as 24 x 60
in row-major order, which scrambled them; here the axes are bands and modulation frequencies.
"""

from __future__ import annotations

from typing import Any

from genrescope.learning.backend import keras
from genrescope.learning.networks.network import Network, Recipe

layers = keras.layers


def _dense(x: Any, *widths: int, activation: str = "relu") -> Any:
    for width in widths:
        x = layers.Dense(width, activation=activation)(x)
    return x


def _norm() -> Any:
    # At the usual 0.99 the moving averages of a few hundred songs would not settle in time.
    return layers.BatchNormalization(momentum=0.9)


def _conv(filters: int, *kernel: int) -> Any:
    return layers.Conv2D(filters, kernel, padding="same")


def _model(inputs: Any, x: Any, genres: int) -> Any:
    return keras.Model(inputs, layers.Dense(genres, activation="softmax")(x))


def marsyas_timbral(genres: int) -> Any:
    """Perceptron on 124 Marsyas values."""
    inputs = keras.Input((124,))
    x = _norm()(inputs)
    x = _dense(x, 100, 200, activation="sigmoid")
    return _model(inputs, _dense(x, 150, 100), genres)


def rh(genres: int) -> Any:
    """Perceptron on 60 modulation bins."""
    inputs = keras.Input((60,))
    return _model(inputs, _dense(inputs, 60, 150, 100, 75), genres)


def jmir_spectral(genres: int) -> Any:
    """Perceptron on 16 jMIR values."""
    inputs = keras.Input((16,))
    return _model(inputs, _dense(inputs, 16, 45, 20, 20), genres)


def jmir_mfcc(genres: int) -> Any:
    """Perceptron on 26 jMIR values."""
    inputs = keras.Input((26,))
    return _model(inputs, _dense(inputs, 26, 45, 20, 20), genres)


def rp(genres: int) -> Any:
    """CNN on the Rhythm Pattern as an image, bands x modulation frequencies."""
    inputs = keras.Input((1440,))
    x = layers.Reshape((60, 24, 1))(inputs)
    x = layers.Permute((2, 1, 3))(x)  # (24 bands, 60 modulation bins, 1)
    x = _norm()(x)
    x = _conv(8, 5, 5)(x)
    x = layers.MaxPooling2D((2, 4), strides=2)(x)  # (12, 29, 8)
    x = _conv(16, 3, 3)(x)
    x = layers.MaxPooling2D((2, 4), strides=2)(x)  # (6, 13, 16)
    x = _norm()(x)
    return _model(inputs, _dense(layers.Flatten()(x), 100, 50), genres)


def ssd(genres: int) -> Any:
    """CNN on the SSD as an image, statistics x bands."""
    inputs = keras.Input((168,))
    x = layers.Reshape((7, 24, 1))(inputs)
    x = _norm()(x)
    x = _conv(8, 3, 7)(x)
    x = layers.MaxPooling2D((2, 2), strides=1)(x)  # (6, 23, 8)
    x = _conv(16, 3, 5)(x)
    x = layers.MaxPooling2D((2, 3))(x)  # (3, 7, 16)
    return _model(inputs, _dense(layers.Flatten()(x), 150, 50), genres)


def tssd(genres: int) -> Any:
    """CNN on the Temporal SSD, segment statistics x statistics with the bands as channels."""
    inputs = keras.Input((1176,))
    x = layers.Reshape((7, 7, 24))(inputs)
    x = _norm()(x)
    x = _conv(32, 5, 5)(_conv(16, 5, 5)(x))
    x = layers.MaxPooling2D((2, 2), strides=1)(x)  # (6, 6, 32)
    x = _conv(64, 3, 3)(_conv(64, 3, 3)(x))
    x = layers.MaxPooling2D((2, 2))(x)  # (3, 3, 64)
    return _model(inputs, _dense(layers.Flatten()(x), 750, 200, 100), genres)


def _student(build: Any, batch: int, epochs: int) -> Network:
    return Network("student", "student", build.__name__, build, Recipe(batch=batch, epochs=epochs))


STUDENT_NETWORKS = (
    _student(marsyas_timbral, 256, 2),
    _student(rh, 256, 50),
    _student(jmir_spectral, 256, 50),
    _student(jmir_mfcc, 256, 50),
    _student(rp, 1024, 30),
    _student(ssd, 512, 50),
    _student(tssd, 512, 50),
)
