"""A package index over HTTP: who may use it, what it holds (PEP 503 and PEP 691), downloads and uploads."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.util import Retry

from catalog.model import CatalogError
from catalog.wheels import parse_metadata, read_metadata

CONNECTIONS = 16
TIMEOUT = (10, 60)  # seconds to connect, and to wait for an answer
# Uploads are repeated, too: what has arrived already is then answered with "already taken", and compared.
RETRY = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)
SOURCES = [("filetype", "sdist"), ("pyversion", "source")]
GO_ON = "run it again later: it goes on where it stopped"


class NotAccepted(Exception):
    """The index does not take one file; others may pass."""


@dataclass(frozen=True)
class Access:
    """Where the index is, and who we are there."""

    simple: str  # ends with a slash
    upload: str
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, index_url: str | None = None, upload_url: str | None = None) -> "Access":
        """Read STAC_INDEX_URL, _UPLOAD_URL, _USERNAME and _PASSWORD; addresses that are given come first."""
        simple = index_url or os.environ.get("STAC_INDEX_URL", "")
        if not simple:
            raise CatalogError("no index is named: set STAC_INDEX_URL, for example to http://127.0.0.1:8765/simple/.")
        simple = _checked(simple, "STAC_INDEX_URL").rstrip("/") + "/"
        upload = upload_url or os.environ.get("STAC_INDEX_UPLOAD_URL", "")
        if not upload and not simple.endswith("/simple/"):
            raise CatalogError(
                f"{simple} does not end with /simple/, so that nobody knows where it takes uploads: "
                "set STAC_INDEX_UPLOAD_URL, too."
            )
        upload = _checked(upload, "STAC_INDEX_UPLOAD_URL") if upload else _upload_address(simple)
        username, password = (os.environ.get(f"STAC_INDEX_{part}", "") for part in ("USERNAME", "PASSWORD"))
        if password and not username:
            raise CatalogError("STAC_INDEX_PASSWORD is set, but no user: set STAC_INDEX_USERNAME, too.")
        return cls(simple, upload, username if password else "", password)


def _checked(address: str, variable: str) -> str:
    parts = urlsplit(address)
    if parts.username or parts.password:  # not shown, since it holds the password
        raise CatalogError(
            f"the address in {variable} holds a user or a password, which logs would show: "
            "take them out and set STAC_INDEX_USERNAME and STAC_INDEX_PASSWORD."
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CatalogError(f"{address!r} in {variable} is no address of a server: it starts with https:// or http://.")
    return address


def _upload_address(simple: str) -> str:
    """Most servers take uploads one level up: pypiserver at /, GitLab at …/packages/pypi."""
    above = simple.removesuffix("/simple/")
    return above if urlsplit(above).path else f"{above}/"


@dataclass(frozen=True)
class PublishedFile:
    """One file that a project's page names."""

    address: str
    hashes: dict[str, str]

    def is_exactly(self, content: bytes) -> bool:
        """Whether the page promises this content; False also where it promises nothing."""
        known = [name for name in self.hashes if name in hashlib.algorithms_guaranteed and "shake" not in name]
        return bool(known) and all(hashlib.new(name, content).hexdigest() == self.hashes[name] for name in known)


class RemoteIndex:
    """The index; several threads may ask at once, over connections that stay open."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=CONNECTIONS, max_retries=RETRY.new(raise_on_status=False))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def files(self, project: str) -> dict[str, PublishedFile]:
        """Every file of a project by its name, none where the index does not know the project."""
        address = f"{self.access.simple}{project}/"
        headers = {"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5"}
        response = self._ask("GET", address, headers=headers)
        if response.is_redirect:
            return self._elsewhere(address, response)
        if response.status_code in (404, 410):
            return {}
        self._expect_success(response, address)
        return _from_json(response) if "json" in response.headers.get("Content-Type", "") else _from_html(response)

    def all_files(self) -> dict[str, PublishedFile]:
        """Every file of the index in one answer, where the server has a page of them, as pypiserver does; else none."""
        if not self.access.simple.endswith("/simple/"):
            return {}
        response = self._ask("GET", self.access.simple.removesuffix("simple/") + "packages/")
        is_page = response.status_code == 200 and "html" in response.headers.get("Content-Type", "")
        found = _from_html(response) if is_page else {}
        return {name: file for name, file in found.items() if file.hashes}  # other pages have links, too

    def download(self, file: PublishedFile) -> bytes:
        # Stores of files may redirect to where they keep them: the content is compared, so it may come from anywhere.
        response = self._ask("GET", file.address, allow_redirects=True)
        self._expect_success(response, file.address)
        return response.content

    def upload(self, wheel: Path) -> bool:
        """Upload one file; False when the index has a file of this name already."""
        # Our own request rather than `uv publish`: taken, forbidden and broken need different answers from us, and uv
        # tells them apart in its error text only, which is the server's page.
        content = wheel.read_bytes()
        files = {"content": (wheel.name, content, "application/octet-stream")}
        response = self._ask("POST", self.access.upload, data=upload_form(wheel, content), files=files)
        if response.ok and not response.is_redirect:
            return True
        said = self._first_line(response)
        if response.status_code == 409 or (response.status_code == 400 and re.search("already|exists", said.lower())):
            return False
        if response.status_code in (400, 413, 415, 422):
            raise NotAccepted(f"the index answers {response.status_code}: {said}")
        if response.status_code in (404, 405):
            raise CatalogError(
                f"{self.access.upload} takes no uploads (it answers {response.status_code}): "
                "check STAC_INDEX_URL, the user's rights, and STAC_INDEX_UPLOAD_URL where uploads go elsewhere."
            )
        self._expect_success(response, self.access.upload)
        raise AssertionError("an answer is a success or an error")

    def _ask(self, method: str, address: str, **options) -> requests.Response:
        own = {urlsplit(known).netloc for known in (self.access.simple, self.access.upload)}
        if self.access.username and urlsplit(address).netloc in own:
            options["auth"] = HTTPBasicAuth(self.access.username.encode(), self.access.password.encode())
        try:
            return self._session.request(method, address, timeout=TIMEOUT, **({"allow_redirects": False} | options))
        except requests.RequestException as error:
            raise CatalogError(f"{address} cannot be reached ({_reason(error)}); {GO_ON}.") from None

    def _elsewhere(self, address: str, response: requests.Response) -> dict[str, PublishedFile]:
        """Some indexes send unknown names on to a public one, whose packages are not ours, whatever their names."""
        target = urljoin(address, response.headers["Location"])
        if urlsplit(target).netloc == urlsplit(address).netloc:
            raise CatalogError(f"{address} redirects to {target}: name the index by the address it redirects to.")
        return {}

    def _expect_success(self, response: requests.Response, address: str) -> None:
        status = response.status_code
        if response.is_redirect:
            target = urljoin(address, response.headers["Location"])
            raise CatalogError(f"{address} redirects to {target}: name the index by the address it redirects to.")
        if status in (401, 403) and not self.access.username:
            raise CatalogError(f"{address} asks who you are: set STAC_INDEX_USERNAME and STAC_INDEX_PASSWORD.")
        if status in (401, 403):
            raise CatalogError(
                f"{address} refuses the user {self.access.username!r} (it answers {status}): "
                "check STAC_INDEX_USERNAME, STAC_INDEX_PASSWORD and the user's rights."
            )
        if not response.ok:
            raise CatalogError(f"{address} answers {status} {self._first_line(response)}; {GO_ON}.")

    def _first_line(self, response: requests.Response) -> str:
        """What the server says, tags left out, and the password should it repeat it."""
        text = response.content[:5000].decode("utf-8", errors="replace")
        text = re.sub(r"<(style|title).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
        plain = " ".join(text.split())[:200] or str(response.reason)
        return plain.replace(self.access.password, "***") if self.access.password else plain


def upload_form(wheel: Path, content: bytes) -> list[tuple[str, str]]:
    """Return the fields of the upload: the file's own metadata, and what kind of file it is."""
    metadata = parse_metadata(read_metadata(wheel))
    plural = {"classifier": "classifiers", "project_url": "project_urls"}
    names = [(name.lower().replace("-", "_"), str(value)) for name, value in metadata.items()]
    return [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        *([("filetype", "bdist_wheel"), ("pyversion", "py3")] if wheel.suffix == ".whl" else SOURCES),
        ("sha256_digest", hashlib.sha256(content).hexdigest()),
        ("md5_digest", hashlib.md5(content, usedforsecurity=False).hexdigest()),
        *((plural.get(name, name), value) for name, value in names),
        ("description", metadata.get_payload()),
    ]


def _from_json(response: requests.Response) -> dict[str, PublishedFile]:
    try:
        files = response.json()["files"]
        return {
            file["filename"]: PublishedFile(urljoin(response.url, file["url"]), dict(file["hashes"])) for file in files
        }
    except (ValueError, KeyError, TypeError):
        raise CatalogError(f"{response.url} is no page of a package index.") from None


def _from_html(response: requests.Response) -> dict[str, PublishedFile]:
    response.encoding = "utf-8"
    anchors = _Anchors()
    anchors.feed(response.text)
    found = {}
    for href in anchors.found:
        address, fragment = urldefrag(urljoin(response.url, href))
        algorithm, equals, digest = fragment.partition("=")
        name = unquote(urlsplit(address).path.rsplit("/", 1)[1])
        found[name] = PublishedFile(address, {algorithm: digest.lower()} if equals else {})
    return found


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def _reason(error: Exception) -> str:
    """Return the innermost reason in a few words."""
    while (inner := getattr(error, "reason", None) or next(iter(error.args), None)) and isinstance(inner, Exception):
        error = inner
    return re.sub(r"^.*?(?:object at 0x\w+>|>): ", "", " ".join(str(error).split()))[:200] or type(error).__name__
