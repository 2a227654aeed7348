"""Saves a torch network, with what it takes to build it again, in one safetensors file, and loads it back."""

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

__all__ = ["load_network", "read_metadata", "save_network"]

FORMAT = 1
KEY = "stac_network"
Network = TypeVar("Network", bound="torch.nn.Module")


def save_network(network: "torch.nn.Module", path: str | Path, **metadata: Any) -> Path:
    """Write a network to one file: weights, buffers, constructor arguments, and what you want to note beside them.

    The file is complete or not there at all: it is written under a temporary name and then renamed.

    Parameters
    ----------
    network : torch.nn.Module
        A network with an attribute ``hyperparameters``: the arguments that its class is called with, as a dictionary
        of plain numbers, texts and lists.
    path : str or Path
        The file, usually ``*.safetensors``; one that exists is replaced.
    **metadata
        Anything JSON can hold, such as ``classes=["em", "muon"]``; arrays are stored as lists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If ``hyperparameters`` is missing, or it or ``metadata`` hold what JSON cannot.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, torch
    >>> class Line(torch.nn.Linear):
    ...     def __init__(self, n_inputs):
    ...         super().__init__(n_inputs, 1)
    ...         self.hyperparameters = {"n_inputs": n_inputs}
    >>> line = Line(3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_network(line, f"{folder}/line.safetensors", unit="VEM")
    ...     again = load_network(path, Line)
    ...     read_metadata(path)
    {'unit': 'VEM'}
    >>> torch.equal(again.weight, line.weight)
    True
    """
    from safetensors.torch import save

    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    if not isinstance(getattr(network, "hyperparameters", None), dict):
        raise TypeError(
            f"{type(network).__name__} has no dictionary `hyperparameters`: keep the constructor's arguments there, "
            f"so that load_network can build it again."
        )
    header = {
        "format": FORMAT,
        "class": type(network).__name__,
        "hyperparameters": _plain_copy(network.hyperparameters, "hyperparameters"),
        "metadata": _plain_copy(metadata, "metadata"),
    }
    # Copies: tensors that share memory (tied weights, the flat weights of a GRU) cannot be stored as they are.
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in network.state_dict().items()}
    # One entry: safetensors writes several in an order that changes from call to call.
    return _write(save(tensors, metadata={KEY: json.dumps(header)}), Path(path))


def load_network(path: str | Path, network_class: type[Network]) -> Network:
    """Build the network of a file again, bit for bit, on the processor and in evaluation mode.

    Parameters
    ----------
    path : str or Path
        A file of ``save_network``.
    network_class : type
        The class of the network, such as ``WcdCnn``: the file must hold one of it.

    Returns
    -------
    torch.nn.Module
        The network; ``.train()`` lets its training go on. Random numbers are left as they were.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If the file is no network of ``save_network``, is damaged, or holds a network of another class or shape.
    """
    import torch

    path = Path(path)
    header, tensors = _read(path, with_tensors=True)
    name = network_class.__name__
    if header["class"] != name:
        raise ValueError(f"{path} holds a {header['class']}, not a {name}: load it with that class.")
    arguments = header["hyperparameters"]
    with torch.random.fork_rng(devices=[]):  # the first weights are drawn, and then replaced
        try:
            network = network_class(**arguments)
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"{path} was saved with arguments that {name} does not take ({reason}): install the version of {name} "
                f"that it was saved with, or train again."
            ) from error
    _fill(network, tensors, path)
    return network.eval()


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Return what was noted beside a network, without loading it.

    Parameters
    ----------
    path : str or Path
        A file of ``save_network``.

    Returns
    -------
    dict
        The ``metadata`` given to ``save_network``.

    Raises
    ------
    FileNotFoundError, ValueError
        As in ``load_network``.
    """
    return _read(Path(path))[0]["metadata"]


def _fill(network: "torch.nn.Module", tensors: dict[str, "torch.Tensor"], path: Path) -> None:
    """Copy the tensors into the network; names, shapes and types must be its own."""
    own = network.state_dict(keep_vars=True)
    name = type(network).__name__
    if different := sorted(own.keys() ^ tensors.keys()):
        kind = "lacks" if different[0] in own else "has an unknown"
        raise ValueError(
            f"{path} {kind} {different[0]} ({len(different)} names differ from {name}'s): it was saved by another "
            f"version of {name}; install that one, or train again."
        )
    for key, tensor in tensors.items():
        if own[key].shape != tensor.shape:
            raise ValueError(
                f"{path} has {key} of shape {tuple(tensor.shape)}, {name} has {tuple(own[key].shape)} there: it was "
                f"saved by another version of {name}; install that one, or train again."
            )
        own[key].data = own[key].data.to(tensor.dtype)  # a network in half precision stays one
    network.load_state_dict(tensors)


def _read(path: Path, with_tensors: bool = False) -> tuple[dict[str, Any], dict[str, "torch.Tensor"]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"There is no network at {path}: pass the path that save_network was given.")
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(KEY)
            # Copies: the file may be replaced or cut while the network is in use.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()} if with_tensors else {}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"{path} is no safetensors file, or it is damaged ({error}): copy it again, or save the network again."
        ) from error
    except OSError as error:
        raise OSError(f"Cannot read {path} ({error.strerror or error}): check its permissions.") from error
    if header is None:
        raise ValueError(f"{path} holds tensors, but no network of save_network: save the network with save_network.")
    header = json.loads(header)
    if header["format"] != FORMAT:
        raise ValueError(f"{path} has format {header['format']}, expected {FORMAT}: update stac-network-files.")
    return header, tensors


def _write(content: bytes, path: Path) -> Path:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise OSError(f"Cannot write the network to {path} ({reason}): choose a folder with room to write.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _plain_copy(values: dict[str, Any], what: str) -> dict[str, Any]:
    """Give the values as JSON will hold them."""
    try:
        return json.loads(json.dumps(values, default=_plain, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{what} cannot be stored as JSON ({error}): pass finite numbers, texts, lists and dictionaries."
        ) from error


def _plain(value: Any) -> Any:
    """Arrays, tensors and numpy's scalars as Python's own."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no JSON type")
