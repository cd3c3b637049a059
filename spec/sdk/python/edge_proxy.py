"""
What Flagsmith's edge proxy does with a server, without the web framework around it: fetches the document with If-Modified-Since made
from the document it holds, and evaluates by Flagsmith's own Python mappers and engine, from PyPI. Lines of JSON in and out:
python edge_proxy.py API_URL SERVER_KEY
"""

import json
import sys
from datetime import datetime
from email.utils import formatdate

import requests
from flag_engine.engine import get_evaluation_result
from flagsmith.mappers import map_context_and_identity_data_to_context, map_environment_document_to_context

api_url, server_key = sys.argv[1].rstrip("/"), sys.argv[2]
held = None


def poll(slash, extra):
    """The proxies ask with and without the last slash; they follow no Link but one that says next."""
    global held
    headers = {"X-Environment-Key": server_key, **extra}
    if held:
        seconds = datetime.fromisoformat(held["updated_at"]).timestamp()
        headers["If-Modified-Since"] = formatdate(seconds, usegmt=True)
    path = "/environment-document/" if slash else "/environment-document"
    response = requests.get(api_url + path, headers=headers, allow_redirects=False, timeout=10)
    if response.status_code == 200:
        held = response.json()
    elif response.status_code != 304 or not held:
        raise RuntimeError(f"{response.status_code}: {response.text}")
    return {"status": response.status_code, "bytes": len(response.content), "links": "link" in response.headers}


def flags(identifier, traits, is_server):
    context = map_environment_document_to_context(held)
    if identifier is not None:
        context = map_context_and_identity_data_to_context(context=context, identifier=identifier, traits=traits)
    hidden = [] if is_server else held["project"]["server_key_only_feature_ids"]
    results = get_evaluation_result(context)["flags"].values()
    return {
        flag["name"]: [flag["enabled"], flag["value"]] for flag in results if flag["metadata"]["id"] not in hidden
    }


for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "poll":
        answer = poll(asked.get("slash", True), asked.get("headers", {}))
    else:
        answer = flags(asked.get("identifier"), asked.get("traits", {}), asked.get("server", False))
    print(json.dumps(answer), flush=True)
