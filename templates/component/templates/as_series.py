def _as_series(X: Any) -> NDArray[np.floating]:
    """Return an array (n_instances, n_channels, n_timepoints) of finite numbers, or say what is wrong."""
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X holds {X.dtype}, expected numbers: convert it with X.astype('float32').")
    if X.ndim != 3:
        raise ValueError(f"X has shape {X.shape}, expected (n_instances, n_channels, n_timepoints): add an axis.")
    if X.size == 0:
        raise ValueError(f"X is empty (shape {X.shape}): pass at least one series with one value.")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinities: fill the gaps first, or leave these series out.")
    return X if X.dtype.kind == "f" else X.astype(np.float32)
