"""The wire itself, held against Amazon's published service model (the one that botocore ships).

For every operation this server has: the answer has the shape the model gives it, every required member is demanded,
every constraint of the model on an input member is kept, and every refusal is one the model lists for the operation,
with its status. Every other operation of the model is refused by name.
"""

import copy
import json
import os
import re

import botocore.auth
import botocore.awsrequest
import botocore.session
import pytest
import urllib3

from conftest import encoder, live_stream

SESSION = botocore.session.get_session()
MODEL = SESSION.get_service_model("ivs")
HTTP = urllib3.PoolManager()
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
ARN = "arn:aws:ivs:us-east-1:000000000000:"
NOWHERE = ARN + "channel/Nowhere00000"
NO_KEY = ARN + "stream-key/Nowhere00000"
NO_RECORDING = ARN + "recording-configuration/Nowhere00000"

# A valid input for each operation; {channel}, {key}, {free} and {recording} stand for resources that exist.
OPERATIONS = {
    "CreateChannel": {"name": "model"},
    "GetChannel": {"arn": "{channel}"},
    "BatchGetChannel": {"arns": ["{channel}", NOWHERE]},
    "ListChannels": {"maxResults": 1},
    "UpdateChannel": {"arn": "{channel}", "name": "model"},
    "CreateStreamKey": {"channelArn": "{free}"},
    "GetStreamKey": {"arn": "{key}"},
    "BatchGetStreamKey": {"arns": ["{key}", NO_KEY]},
    "ListStreamKeys": {"channelArn": "{channel}"},
    "ListStreams": {},
    "ListStreamSessions": {"channelArn": "{channel}"},
    "GetStream": {"channelArn": "{channel}"},
    "GetStreamSession": {"channelArn": "{channel}"},
    "StopStream": {"channelArn": "{channel}"},
    "CreateRecordingConfiguration": {"destinationConfiguration": {"s3": {"bucketName": "model-bucket"}}},
    "GetRecordingConfiguration": {"arn": "{recording}"},
    "ListRecordingConfigurations": {"maxResults": 1},
    "DeleteRecordingConfiguration": {"arn": "{recording}"},
    "TagResource": {"resourceArn": "{channel}", "tags": {"a": "b"}},
    "ListTagsForResource": {"resourceArn": "{channel}"},
    "UntagResource": {"resourceArn": "{channel}", "tagKeys": ["a"]},
    "DeleteStreamKey": {"arn": "{key}"},
    "DeleteChannel": {"arn": "{channel}"},
}
# The verbs of chat that this server has; test_model_chat.py holds them against their model.
CHAT = {
    "CreateChatToken", "CreateRoom", "DeleteMessage", "DeleteRoom", "DisconnectUser", "GetRoom", "ListRooms", "SendEvent",
    "UpdateRoom",
}
# What these answer for a channel that is offline and never was live.
OFFLINE = {"GetStream": "ChannelNotBroadcasting", "StopStream": "ChannelNotBroadcasting",
           "GetStreamSession": "ResourceNotFoundException"}
# Amazon documents the empty text for channel types without presets, though the model's enum does not list it.
EMPTY_IS_DOCUMENTED = {"preset"}
# Members of the model that stand only in some answers; every other member is always there, with its default.
NOT_ALWAYS = {
    "Channel": {"srt", "multitrackInputConfiguration"},
    "Stream": set(),
    "StreamKey": set(),
    "StreamKeySummary": set(),
    "ChannelSummary": set(),
    "StreamSummary": set(),
    "StreamSessionSummary": {"endTime"},
    "StreamSession": {"endTime", "recordingConfiguration", "failoverSlateConfiguration"},
    "IngestConfiguration": set(),
    "IngestConfigurations": set(),
    "VideoConfiguration": set(),
    "AudioConfiguration": set(),
    "StreamEvent": {"code"},
    "RecordingConfiguration": set(),
    "RecordingConfigurationSummary": set(),
    "ThumbnailConfiguration": {"targetIntervalSeconds", "resolution", "storage"},
    "RenditionConfiguration": {"renditions"},
    "BatchError": set(),
}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = json.loads(response.data) if response.data else None
        self.error = response.headers.get("x-amzn-errortype")


def send(operation, members, signing_name="ivs"):
    """One signed call with exactly these members, however wrong they are."""
    model = operation if not isinstance(operation, str) else MODEL.operation_model(operation)
    members = dict(members)
    path, query = model.http["requestUri"], []
    for name, shape in (model.input_shape.members if model.input_shape else {}).items():
        location = shape.serialization.get("location")
        if location == "uri":
            value = str(members.pop(name, "x"))
            path = path.replace("{" + shape.serialization.get("name", name) + "}", encode(value))
        elif location == "querystring":
            key = shape.serialization.get("name", name)
            query += [f"{key}={encode(str(value))}" for value in members.pop(name, [])]
    endpoint = os.environ["AWS_ENDPOINT_URL_IVS"].rstrip("/")
    separator = "&" if "?" in path else "?"
    url = endpoint + path + (separator + "&".join(query) if query else "")
    has_body = model.http["method"] not in ("GET", "DELETE")
    request = botocore.awsrequest.AWSRequest(
        method=model.http["method"],
        url=url,
        data=json.dumps(members) if has_body else b"",
        headers={"Content-Type": "application/json"} if has_body else {},
    )
    region = os.environ.get("AWS_REGION", "us-east-1")
    botocore.auth.SigV4Auth(SESSION.get_credentials(), signing_name, region).add_auth(request)
    prepared = request.prepare()
    return Answer(HTTP.request(prepared.method, prepared.url, body=prepared.body, headers=dict(prepared.headers)))


def encode(text):
    return "".join(c if re.match(r"[A-Za-z0-9_.~-]", c) else "".join(f"%{b:02X}" for b in c.encode()) for c in text)


@pytest.fixture
def resources(channels, ivs):
    """A channel with a key, and a channel without one."""
    kept, free = channels(), channels()
    ivs.delete_stream_key(arn=free["streamKey"]["arn"])
    destination = {"s3": {"bucketName": "model-bucket"}}
    recording = ivs.create_recording_configuration(destinationConfiguration=destination)["recordingConfiguration"]["arn"]
    yield {
        "{channel}": kept["channel"]["arn"],
        "{key}": kept["streamKey"]["arn"],
        "{free}": free["channel"]["arn"],
        "{recording}": recording,
    }
    for page in ivs.get_paginator("list_recording_configurations").paginate():
        for each in page["recordingConfigurations"]:
            if each["destinationConfiguration"] == destination:
                ivs.delete_recording_configuration(arn=each["arn"])


def sample(operation, resources):
    def fill(value):
        if isinstance(value, dict):
            return {key: fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [fill(each) for each in value]
        return resources.get(value, value) if isinstance(value, str) else value

    return fill(copy.deepcopy(OPERATIONS[operation]))


def check(shape, value, where):
    """Fails unless the JSON value has the shape."""
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        assert isinstance(value, dict), f"{where} is no object"
        body = {n: s for n, s in shape.members.items() if s.serialization.get("location") is None}
        unknown = {name for name in value if name not in body}
        assert not unknown, f"{where} has members outside the model: {unknown}"
        always = set(body) - NOT_ALWAYS[shape.name] if shape.name in NOT_ALWAYS else shape.required_members
        for name in always:
            assert name in value, f"{where}.{name} is missing"
        for name, each in value.items():
            if not (each == "" and name in EMPTY_IS_DOCUMENTED):
                check(body[name], each, f"{where}.{name}")
    elif kind == "list":
        assert isinstance(value, list) and len(value) <= limits.get("max", 10**9), where
        for index, each in enumerate(value):
            check(shape.member, each, f"{where}[{index}]")
    elif kind == "map":
        assert isinstance(value, dict) and len(value) <= limits.get("max", 10**9), where
        for key, each in value.items():
            check(shape.key, key, f"a key of {where}")
            check(shape.value, each, f"{where}[{key}]")
    elif kind == "timestamp":
        assert isinstance(value, str) and TIMESTAMP.fullmatch(value), f"{where}: {value}"
    elif kind == "boolean":
        assert isinstance(value, bool), where
    elif kind in ("integer", "long"):
        assert isinstance(value, int) and not isinstance(value, bool), where
    else:
        assert isinstance(value, str), where
        assert limits.get("min", 0) <= len(value) <= limits.get("max", 10**9), f"{where}: {value}"
        assert not shape.enum or value in shape.enum, f"{where}: {value}"
        pattern = pattern_of(shape)
        assert pattern is None or pattern.fullmatch(value), f"{where}: {value}"


def pattern_of(shape):
    """The pattern; None without one, and where Amazon's own says something else than Amazon does.

    Its ARN pattern for tags and batch errors allows one letter as the resource type; Python has no \\p{L}.
    """
    pattern = shape.metadata.get("pattern")
    if pattern is None or r"\p{" in pattern or ":[a-z-]/" in pattern:
        return None
    return re.compile(pattern)


def is_modelled(answer, operation):
    """Fails unless the refusal is one of the operation's, with the status the model gives it."""
    statuses = {}
    for shape in MODEL.operation_model(operation).error_shapes:
        statuses[shape.name] = shape.metadata["error"]["httpStatusCode"]
    assert answer.error in statuses, f"{operation} refuses with {answer.error}, which is not modelled: {answer.body}"
    assert answer.status == statuses[answer.error]
    assert answer.body["exceptionMessage"] == answer.body["message"] != ""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_answer_has_the_shape_of_the_model(operation, resources):
    model = MODEL.operation_model(operation)
    answer = send(operation, sample(operation, resources))
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-amzn-requestid"])
    if operation in OFFLINE:
        assert answer.error == OFFLINE[operation]
        is_modelled(answer, operation)
        return
    assert answer.status == model.http["responseCode"], answer.body
    if answer.status == 204:
        assert answer.body is None
    else:
        assert answer.headers["content-type"] == "application/json"
        check(model.output_shape, answer.body, operation)


def test_the_answers_about_a_live_stream_have_the_shape_of_the_model(ivs, channels):
    created = channels(insecureIngest=True)
    arn = created["channel"]["arn"]
    with encoder(created["streamKey"]["value"]):
        stream_id = live_stream(ivs, arn)["streamId"]
        session = {"channelArn": arn, "streamId": stream_id}
        for operation, members in [
            ("GetStream", {"channelArn": arn}),
            ("ListStreams", {"maxResults": 100}),
            ("GetStreamSession", session),
            ("StopStream", {"channelArn": arn}),
            ("GetStreamSession", session),
            ("ListStreamSessions", {"channelArn": arn}),
        ]:
            answer = send(operation, members)
            assert answer.status == 200 and (answer.body or operation == "StopStream"), answer.body
            check(MODEL.operation_model(operation).output_shape, answer.body, operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_required_members_are_demanded(operation, resources):
    shape = MODEL.operation_model(operation).input_shape
    in_path = {name for name, each in shape.members.items() if each.serialization.get("location") == "uri"}
    for name in set(shape.required_members) - in_path:
        members = sample(operation, resources)
        del members[name]
        answer = send(operation, members)
        assert answer.error == "ValidationException", f"{operation} without {name}: {answer.status} {answer.body}"
        assert f"'{name}'" in answer.body["message"]
        is_modelled(answer, operation)


def violations(shape):
    """Values that break the type or one constraint of a shape."""
    limits = shape.metadata
    match shape.type_name:
        case "string":
            yield 5
            yield []
            if "max" in limits:
                yield "a" * (limits["max"] + 1)
            if limits.get("min", 0) > 0:
                yield "a" * (limits["min"] - 1)
            if shape.enum:
                yield "SOMETHING_ELSE"
                yield {shape.enum[0]: None}
            if pattern_of(shape):
                yield "not ? matching"
        case "boolean":
            yield from ("true", 1)
        case "integer" | "long":
            yield from ("1", 1.5, True)
            yield from [limits["min"] - 1] if "min" in limits else []
            yield from [limits["max"] + 1] if "max" in limits else []
        case "list":
            yield "x"
            yield from ([each] for each in violations(shape.member))
            if "max" in limits:
                yield [NOWHERE] * (limits["max"] + 1)
            if limits.get("min", 0) > 0:
                yield []
        case "map":
            yield "x"
            yield from ({"k": each} for each in violations(shape.value))
            yield from ({each: "v"} for each in violations(shape.key) if isinstance(each, str))
            if "max" in limits:
                yield {f"k{index}": "v" for index in range(limits["max"] + 1)}
        case "structure":
            yield "x"
            for name, member in shape.members.items():
                yield from ({name: each} for each in violations(member))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_constraints_of_the_model_are_kept(operation, resources):
    shape = MODEL.operation_model(operation).input_shape
    for name, member in shape.members.items():
        if member.serialization.get("location"):
            continue
        for value in violations(member):
            answer = send(operation, sample(operation, resources) | {name: value})
            assert answer.error == "ValidationException", f"{operation}.{name} = {value}: {answer.status} {answer.body}"
            is_modelled(answer, operation)


def names_one_resource(operation):
    return any(isinstance(value, str) and value.startswith("{") for value in OPERATIONS[operation].values())


@pytest.mark.parametrize("operation", list(filter(names_one_resource, OPERATIONS)))
def test_what_does_not_exist_is_refused_as_modelled(operation):
    answer = send(operation, sample(operation, {"{channel}": NOWHERE, "{key}": NO_KEY, "{free}": NOWHERE, "{recording}": NO_RECORDING}))
    assert answer.error == "ResourceNotFoundException", answer.body
    is_modelled(answer, operation)


def test_conflicts_and_quotas_are_refused_as_modelled(resources):
    filters = {"filterByName": "a", "filterByAdConfigurationArn": ARN + "ad-configuration/x"}
    answer = send("ListChannels", filters)
    assert answer.error == "ConflictException"
    is_modelled(answer, "ListChannels")
    answer = send("CreateStreamKey", {"channelArn": resources["{channel}"]})
    assert answer.error == "ServiceQuotaExceededException"
    is_modelled(answer, "CreateStreamKey")


@pytest.mark.parametrize("service", ["ivs", "ivs-realtime", "ivschat", "chime-sdk-meetings"])
def test_every_other_operation_of_the_family_is_refused_by_name(service):
    model = SESSION.get_service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        if name in {"ivs": OPERATIONS, "ivschat": CHAT}.get(service, ()) or operation.http["requestUri"].startswith("/tags/"):
            continue
        answer = send(operation, {}, signing_name=model.signing_name)
        assert (answer.status, answer.error) == (501, "UnsupportedOperationException"), f"{name}: {answer.body}"
        if service != "chime-sdk-meetings":
            assert answer.body["message"] == f"{name} is not available on this server"
