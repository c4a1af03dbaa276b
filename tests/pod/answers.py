"""What GET /api/openapi.json says of answers, and whether an answer is as it says."""
import http.client
import json
import re

import jsonschema


class Description:
    def __init__(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/api/openapi.json")
        self.document = json.loads(connection.getresponse().read())
        connection.close()
        self.paths = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations) for path, operations in self.document["paths"].items()]
        self.validators = {}

    def operation(self, method, path):
        """None for a path or method that the API does not have."""
        plain = path.split("?")[0]
        # A path without a parameter goes before one with: "/api/users/import" is no user.
        found = [(pattern.pattern.count("[^/]"), operations) for pattern, operations in self.paths if pattern.fullmatch(plain)]
        name = "get" if method == "HEAD" else method.lower()
        return next((operations[name] for _, operations in sorted(found, key=lambda one: one[0]) if name in operations), None)

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator({**schema, "components": self.document["components"]})
        return self.validators[key]

    def check(self, method, path, status, headers, body):
        """Fails unless the answer's status, media type, headers and body are those of the description."""
        what = f"{method} {path}: {status} {body!r:.400}"
        media_type = headers.get("Content-Type")
        operation = self.operation(method, path)
        problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        responses = operation["responses"] if operation else {"default": problem}
        assert str(status) in responses or status >= 400, f"no such status is described: {what}"
        response = responses.get(str(status), responses["default"])
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        if "content" not in response or body is None:
            assert body is None and media_type is None, what
            return
        assert media_type in response["content"], f"{media_type} is not described: {what}"
        errors = [f"{error.json_path}: {error.message}" for error in self.validator(response["content"][media_type]["schema"]).iter_errors(body)]
        assert not errors, f"{errors} in {what}"
        # Each field has codes of its own, so those of 400 are not all described.
        if "x-codes" in response and status != 400:
            assert body["code"] in response["x-codes"], f"the code {body['code']} is not described: {what}"
        if "Location" in response.get("headers", {}):
            assert headers.get("Location", "").startswith("/api/"), what
