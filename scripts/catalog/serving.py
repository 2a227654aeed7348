"""`catalog serve`: the private package index of a team, on one machine."""

import contextlib
import getpass
import os
import re
import socket
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import BinaryIO
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from catalog.model import Catalog, CatalogError
from catalog.options import RootOption

USER = "stac"
ROUNDS = 100_000  # a check of the password takes some 60 ms, for every upload
ABOUT = """
publish   STAC_INDEX_URL={address} STAC_INDEX_USERNAME={user} STAC_INDEX_PASSWORD=… catalog publish
uv        uv pip install --index {address} stac-NAME
          uv add --index stac={address} stac-NAME
pip       {pip}
poetry    poetry source add --priority=primary stac {address}
          poetry source add --priority=supplemental PyPI
          poetry add stac-NAME
Ctrl-C stops the server.
"""


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    packages: Path = Path("dist/packages"),
    password_file: Path | None = None,
    forward_to: str | None = None,
    root: RootOption = None,
) -> int:
    """Serve the private package index of a team: everyone reads, and who has the password uploads.

    The password is taken from STAC_INDEX_PASSWORD (the user from STAC_INDEX_USERNAME, or `stac`) or asked for, and kept
    as a hash beside the folder of packages. Without a password uploads are refused. A version that is there is never
    overwritten.

    For example:

        catalog serve
        STAC_INDEX_PASSWORD=… catalog serve --host 0.0.0.0 --packages /srv/stac/packages

    Parameters
    ----------
    host
        The address of this machine to listen on; 0.0.0.0 for everyone who can reach it.
    port
        0 for any that is free.
    packages
        The folder of the packages; a relative one is taken from the repository's root.
    password_file
        An htpasswd file of users and hashes that exists already, instead of one password.
    forward_to
        The simple address of an index that gets the requests for packages of others, so that pip needs this index
        only. Names that start with `stac-` are never forwarded.
    """
    try:
        import passlib.apache  # noqa: F401
        import pypiserver  # noqa: F401
    except ImportError:
        raise CatalogError("the index needs pypiserver and passlib: install the tool as catalog[serve].") from None
    folder = Catalog(root).root / packages
    try:
        folder.mkdir(parents=True, exist_ok=True)
        passwords = find_passwords(folder, password_file)
    except OSError as error:
        raise CatalogError(f"{error.filename} cannot be written ({error.strerror}): choose --packages.") from None
    with listen(host, port) as listener:
        address = f"http://{reachable(host)}:{listener.getsockname()[1]}/simple/"
        print(f"Serving {len(list(folder.glob('*.whl')))} wheels of {folder}: {address}")
        print(f"Uploads need a password of {passwords}." if passwords else "Uploads are refused: no password is set.")
        pip = f"pip install --index-url {address} stac-NAME" if forward_to else "see the guide: it cannot rank indexes"
        print(ABOUT.format(address=address, pip=pip, user=os.environ.get("STAC_INDEX_USERNAME") or USER), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            run(application(folder, passwords, forward_to), listener)
    return 0


def find_passwords(folder: Path, given: Path | None) -> Path | None:
    """Return the htpasswd file of those who may upload, made anew when a password is at hand; None without any."""
    if given:
        if not given.is_file():
            raise CatalogError(f"{given} does not exist: `htpasswd -c {given} USER` makes such a file.")
        return given.resolve()
    kept = folder.with_name(f"{folder.name}.htpasswd")
    password = os.environ.get("STAC_INDEX_PASSWORD", "")
    if not password and not kept.is_file() and sys.stdin.isatty():
        with contextlib.suppress(EOFError):
            password = getpass.getpass("Password for uploads (none: uploads are refused): ")
    if password:
        write_password(kept, os.environ.get("STAC_INDEX_USERNAME") or USER, password)
    return kept if kept.is_file() else None


def write_password(file: Path, user: str, password: str) -> None:
    """Keep a hash, in a file that only its owner reads."""
    from passlib.hash import sha256_crypt

    if ":" in user:
        raise CatalogError(f"the user {user!r} of STAC_INDEX_USERNAME holds a colon, which ends a user's name.")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(f"{user}:{sha256_crypt.using(rounds=ROUNDS).hash(password)}\n", encoding="utf-8")
    unfinished.replace(file)


def application(folder: Path, passwords: Path | None, forward_to: str | None = None):
    """Return the index as a WSGI application."""
    ours = pypiserver_for(folder, passwords)
    if not forward_to:
        return ours
    all_others = pypiserver_for(folder, passwords, disable_fallback=False, fallback_url=forward_to)

    def route(environ, start_response):
        is_ours = re.match(r"/simple/stac[-_.]", environ["PATH_INFO"], re.IGNORECASE)
        return (ours if is_ours else all_others)(environ, start_response)

    return route


def pypiserver_for(folder: Path, passwords: Path | None, **settings):
    """Return pypiserver for a folder, where it stores and finds files in our way."""
    import pypiserver
    from pypiserver.backend import BackendProxy, PkgFile, SimpleFileBackend, valid_packages
    from pypiserver.bottle_wrapper import HTTPError
    from pypiserver.pkg_helpers import normalize_pkgname

    class Shelf(SimpleFileBackend):
        def add_package(self, filename: str, stream: BinaryIO) -> None:
            # pypiserver writes in place: someone could read half a wheel, and the later of two writers would win.
            unfinished = folder / f".{filename}.{os.urandom(4).hex()}"
            try:
                unfinished.write_bytes(stream.read())
                os.link(unfinished, folder / filename)
            except FileExistsError:
                raise HTTPError(409, f"Package {filename!r} already exists!") from None
            finally:
                unfinished.unlink(missing_ok=True)

        def find_project_packages(self, project: str) -> list[PkgFile]:
            # pypiserver parses the names of all files for every page: with 1,000 wheels 76 ms instead of 6.
            start = f"{normalize_pkgname(project)}-"
            candidates = [file for file in folder.iterdir() if normalize_pkgname(file.name).startswith(start)]
            found = valid_packages(folder, candidates)
            return [package for package in found if package.pkgname_norm == normalize_pkgname(project)]

    passwords_of = str(passwords) if passwords else None
    common = {"roots": [folder], "authenticate": ["update"], "password_file": passwords_of, "hash_algo": "sha256"}
    config = pypiserver.Config.default_with_overrides(**common, **({"disable_fallback": True} | settings))
    config.backend = BackendProxy(Shelf(config))
    return pypiserver.setup_routes_from_config(pypiserver.app_from_config(config), config)


def listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise CatalogError(f"cannot listen on {host}:{port} ({error}): choose others with --host and --port.") from None


def reachable(host: str) -> str:
    """Return the host as others may call it."""
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    return f"[{name}]" if ":" in name else name


def run(app, listener: socket.socket) -> None:
    """Serve until Ctrl-C: with gunicorn, or where there is none (Windows) with the standard library."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        simple_server(app, listener).serve_forever()
        return

    class Gunicorn(BaseApplication):
        def load_config(self) -> None:
            settings = {"bind": f"fd://{listener.detach()}", "workers": 2, "worker_class": "gthread", "threads": 8}
            settings |= {"loglevel": "warning", "control_socket_disable": True}  # it would stand in the home folder
            for name in settings.keys() & self.cfg.settings.keys():
                self.cfg.set(name, settings[name])

        def load(self):
            return app

    Gunicorn().run()


def simple_server(app, listener: socket.socket) -> WSGIServer:
    """Return the standard library's server for a socket that listens already, with a thread for each request."""

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = Server(listener.getsockname()[:2], Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()[:2]
    server.setup_environ()
    server.set_app(app)
    return server
