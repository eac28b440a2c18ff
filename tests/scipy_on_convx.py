"""A plugin of pytest: what scipy.ndimage dispatches to is convx.ndimage, so that SciPy's tests are run on convx."""

import convx.ndimage
import scipy.ndimage


def install() -> None:
    for name in convx.ndimage.__all__:
        dispatcher = getattr(scipy.ndimage, name)
        cells = dict(zip(dispatcher.__code__.co_freevars, dispatcher.__closure__, strict=True))
        cells["func"].cell_contents = getattr(convx.ndimage, name)


install()
