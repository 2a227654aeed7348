"""A small ClearML server on a loopback port that keeps what arrives, for tests of the online path."""

import base64
import email
import hashlib
import hmac
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

KEY, SECRET = "test-key", "test-secret"
STATUS = {"started": "in_progress", "completed": "completed", "failed": "failed", "stopped": "stopped"}


class ClearMLServer:
    """Keeps projects, tasks, models, events and files in dictionaries; use it as a context manager."""

    def __init__(self):
        self.projects, self.tasks, self.models, self.files, self.events = {}, {}, {}, {}, {}
        self.calls, self.lock = [], threading.RLock()

    def __enter__(self):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_state": self}))
        self.http.handle_error = lambda *_: None  # a client that ends is no error
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def environment(self):
        """Return the variables that send a ClearML client here."""
        hosts = {f"CLEARML_{name}_HOST": self.url for name in ("API", "WEB", "FILES")}
        return hosts | {"CLEARML_API_ACCESS_KEY": KEY, "CLEARML_API_SECRET_KEY": SECRET}

    def of_type(self, task, kind):
        return [event for event in self.events.values() if event["task"] == task and event["type"] == kind]

    # one method per API call: service.action -> service_action
    def auth_login(self, data):
        now = int(time.time())
        return {"token": _token({"api_version": "2.23", "exp": now + 3600, "iat": now, "identity": {}, "env": ""})}

    def debug_ping(self, data):
        return {"msg": "ClearML server"}

    def projects_get_all(self, data):
        wanted = data.get("name", "").strip("^$").replace("\\", "")
        found = [p for p in self.projects.values() if p["name"] == wanted or p["id"] in (data.get("id") or ())]
        return {"projects": found}

    projects_get_all_ex = projects_get_all

    def projects_create(self, data):
        return {"id": self._add(self.projects, data)}

    def projects_get_by_id(self, data):
        return {"project": self.projects[data["project"]]}

    def tasks_create(self, data):
        task = {"status": "created", "execution": {}, "hyperparams": {}, "configuration": {}}
        task |= {
            "company": "c",
            "user": "u",
            "script": {},
            "tags": [],
            "system_tags": [],
            "runtime": {},
            **data,
        }
        task |= {"output": {"destination": ""}, "models": {"input": [], "output": []}}
        return {"id": self._add(self.tasks, task)}

    def tasks_get_by_id(self, data):
        return {"task": self.tasks[data["task"]]}

    def tasks_get_all(self, data):
        wanted = data.get("id") or list(self.tasks)
        return {"tasks": [self.tasks[task] for task in wanted if task in self.tasks]}

    tasks_get_all_ex = tasks_get_all

    def tasks_edit(self, data):
        task = self.tasks[data.pop("task")]
        data.pop("force", None)
        if "output_dest" in data:
            task["output"] = {"destination": data["output_dest"]}
        task.update(data)
        return {"updated": 1, "fields": data}

    tasks_update = tasks_edit

    def tasks_edit_hyper_params(self, data):
        params = self.tasks[data["task"]]["hyperparams"]
        if data.get("replace_hyperparams") == "all":
            params.clear()
        for item in data["hyperparams"]:
            params.setdefault(item["section"], {})[item["name"]] = item
        return {"updated": 1}

    def tasks_set_requirements(self, data):
        self.tasks[data["task"]]["script"]["requirements"] = data["requirements"]
        return {"updated": 1}

    def tasks_add_or_update_artifacts(self, data):
        execution = self.tasks[data["task"]]["execution"]
        new = {item["key"]: item for item in data["artifacts"]}
        execution["artifacts"] = [a for a in execution.get("artifacts", []) if a["key"] not in new] + list(new.values())
        return {"updated": 1}

    def tasks_add_or_update_model(self, data):
        models = self.tasks[data["task"]]["models"]
        others = [entry for entry in models[data["type"]] if entry["name"] != data["name"]]
        models[data["type"]] = [*others, {"name": data["name"], "model": data["model"]}]
        return {"updated": 1}

    def models_create(self, data):
        return {
            "id": self._add(self.models, {"ready": False, "company": "c", "user": "u", **data}),
            "created": True,
        }

    def models_get_by_id(self, data):
        return {"model": self.models[data["model"]]}

    def models_get_all(self, data):
        return {"models": [m for m in self.models.values() if m["id"] in data.get("id", self.models)]}

    models_get_all_ex = models_get_all

    def models_edit(self, data):
        self.models[data.pop("model")].update(data)
        return {"updated": 1}

    models_update = models_edit

    def events_add_batch(self, events):
        for event in events:  # like the real server: the same point again replaces the first
            key = tuple(event.get(name) for name in ("type", "task", "metric", "variant", "iter", "key"))
            self.events[key] = event
        return {"added": len(events), "errors": 0}

    def events_get_task_events(self, data):
        found = self.of_type(data["task"], data["event_type"])
        start, size = int(data.get("scroll_id") or 0), data.get("batch_size", 500)
        page = found[start : start + size]
        return {
            "events": page,
            "returned": len(page),
            "total": len(found),
            "scroll_id": str(start + len(page)),
        }

    def _add(self, table, data):
        key = uuid.uuid4().hex
        table[key] = {"id": key, **data}
        return key


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # 40 ms for every answer otherwise
    server_state: ClearMLServer

    def do_GET(self):
        state, path = self.server_state, unquote(self.path.partition("?")[0])
        if path.lstrip("/") in state.files:
            return self._answer(200, state.files[path.lstrip("/")])
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        endpoint = path.rpartition("/")[2]
        lines = [json.loads(line) for line in body.splitlines() if line.strip()] if body.strip() else []
        data = lines if endpoint == "events.add_batch" else lines[0] if lines else {}
        method = getattr(state, endpoint.replace(".", "_"), None)
        simple = endpoint.removeprefix("tasks.") in STATUS
        with state.lock:
            state.calls.append(endpoint)
            if endpoint == "auth.login" and self.headers.get("Authorization") != _basic():
                return self._envelope(endpoint, 401, {}, "Unauthorized (invalid credentials)")
            try:
                if simple:
                    fields = {key: data.get(key) or "" for key in ("status_reason", "status_message")}
                    state.tasks[data["task"]].update(fields, status=STATUS[endpoint.removeprefix("tasks.")])
                return self._envelope(endpoint, 200, method(data) if method else {"updated": 1})
            except KeyError as error:
                return self._envelope(endpoint, 400, {}, f"Invalid id {error}")

    def do_POST(self):
        if not self.headers.get("Content-Type", "").startswith("multipart/form-data"):
            return self.do_GET()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body).get_payload():
            name = part.get_param("name", header="Content-Disposition")
            self.server_state.files[name.lstrip("/")] = part.get_payload(decode=True)
        return self._answer(200, b"[]")

    def do_HEAD(self):
        content = self.server_state.files.get(unquote(self.path).lstrip("/"))
        self._answer(404 if content is None else 200, content or b"")

    def _envelope(self, endpoint, code, data, message="OK"):
        meta = {"id": "1", "trx": "1", "result_code": code, "result_subcode": 0, "result_msg": message}
        meta["endpoint"] = {"name": endpoint, "requested_version": "2.23", "actual_version": "2.23"}
        self._answer(code, json.dumps({"meta": meta, "data": data}).encode())

    def _answer(self, code, content):
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def _basic():
    return "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()


def _token(payload):
    def encoded(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, payload))
    return signed + "." + encoded(hmac.new(b"secret", signed.encode(), hashlib.sha256).digest())
