"""Many traces checked at once: on the cores of this machine, or on other machines by Dask."""
