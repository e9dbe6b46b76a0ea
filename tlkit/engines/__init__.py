"""How a frozen model runs: Keras or OpenVINO, in this process or a worker; and the cache of what it gave."""
