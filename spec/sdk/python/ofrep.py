"""One evaluation after another, as lines of JSON in and out, by the stock Python provider: python ofrep.py BASE_URL HEADERS."""

import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

base_url, headers = sys.argv[1], json.loads(sys.argv[2])
api.set_provider(OFREPProvider(base_url, headers_factory=lambda: headers))
client = api.get_client()

for line in sys.stdin:
    asked = json.loads(line)
    evaluate = getattr(client, f"get_{asked['type']}_details")
    context = EvaluationContext(targeting_key=asked.get("targetingKey"), attributes=asked.get("attributes", {}))
    details = evaluate(asked["flag"], asked["default"], context)
    answer = {
        "value": details.value,
        "reason": details.reason,
        "variant": details.variant,
        "metadata": dict(details.flag_metadata),
        "errorCode": details.error_code,
    }
    print(json.dumps(answer, default=str), flush=True)
