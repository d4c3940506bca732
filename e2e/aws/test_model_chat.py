"""The wire of chat, held against Amazon's published service model as test_model.py holds that of streaming.

The errors of chat are modelled with members of their own, so refusals are checked against their shape as well.
"""

import pytest

import test_model
from test_model import CHAT, SESSION, check, send, violations

MODEL = SESSION.get_service_model("ivschat")
NOWHERE = "arn:aws:ivschat:us-east-1:000000000000:room/Nowhere00000"

# A valid input for each operation; {room} stands for a room that exists.
OPERATIONS = {
    "CreateRoom": {"name": "model", "messageReviewHandler": {"uri": "", "fallbackResult": "ALLOW"}},
    "GetRoom": {"identifier": "{room}"},
    "ListRooms": {"maxResults": 2},
    "UpdateRoom": {"identifier": "{room}", "maximumMessageLength": 100},
    "CreateChatToken": {"roomIdentifier": "{room}", "userId": "ann", "capabilities": ["SEND_MESSAGE"]},
    "SendEvent": {"roomIdentifier": "{room}", "eventName": "e", "attributes": {"a": "b"}},
    "DeleteMessage": {"roomIdentifier": "{room}", "id": "abcdefghijkl", "reason": "r"},
    "DisconnectUser": {"roomIdentifier": "{room}", "userId": "ann"},
    "TagResource": {"resourceArn": "{room}", "tags": {"a": "b"}},
    "ListTagsForResource": {"resourceArn": "{room}"},
    "UntagResource": {"resourceArn": "{room}", "tagKeys": ["a"]},
    "DeleteRoom": {"identifier": "{room}"},
}
# Every member of these stands in every answer.
test_model.NOT_ALWAYS |= {
    name: set()
    for name in (
        "CreateRoomResponse", "GetRoomResponse", "UpdateRoomResponse", "RoomSummary", "MessageReviewHandler",
        "CreateChatTokenResponse", "SendEventResponse", "DeleteMessageResponse",
    )
}


def test_every_operation_this_server_has_is_here():
    assert CHAT | {"TagResource", "ListTagsForResource", "UntagResource"} == OPERATIONS.keys()


@pytest.fixture
def room(rooms):
    return rooms()["arn"]


def sample(operation, arn):
    return {name: arn if value == "{room}" else value for name, value in OPERATIONS[operation].items()}


def call(operation, members):
    return send(MODEL.operation_model(operation), members, signing_name="ivschat")


def is_modelled(answer, operation):
    """Fails unless the refusal is one of the operation's, with its status and its members."""
    shapes = {shape.name: shape for shape in MODEL.operation_model(operation).error_shapes}
    assert answer.error in shapes, f"{operation} refuses with {answer.error}, which is not modelled: {answer.body}"
    shape = shapes[answer.error]
    assert answer.status == shape.metadata["error"]["httpStatusCode"]
    check(shape, answer.body, answer.error)
    assert answer.body["message"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_answer_has_the_shape_of_the_model(operation, room):
    model = MODEL.operation_model(operation)
    answer = call(operation, sample(operation, room))
    assert answer.status == model.http["responseCode"], answer.body
    if answer.status == 204:
        assert answer.body is None
    else:
        assert answer.headers["content-type"] == "application/json"
        check(model.output_shape, answer.body, operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_required_members_are_demanded(operation, room):
    shape = MODEL.operation_model(operation).input_shape
    in_path = {name for name, each in shape.members.items() if each.serialization.get("location") == "uri"}
    for name in set(shape.required_members) - in_path:
        members = sample(operation, room)
        del members[name]
        answer = call(operation, members)
        assert answer.error == "ValidationException", f"{operation} without {name}: {answer.status} {answer.body}"
        assert answer.body["fieldList"][0]["name"] == name
        is_modelled(answer, operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_constraints_of_the_model_are_kept(operation, room):
    for name, member in MODEL.operation_model(operation).input_shape.members.items():
        if member.serialization.get("location"):
            continue
        for value in violations(member):
            answer = call(operation, sample(operation, room) | {name: value})
            assert answer.error == "ValidationException", f"{operation}.{name} = {value}: {answer.status} {answer.body}"
            is_modelled(answer, operation)


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"CreateRoom", "ListRooms"}))
def test_what_does_not_exist_is_refused_as_modelled(operation):
    answer = call(operation, sample(operation, NOWHERE))
    assert answer.error == "ResourceNotFoundException", answer.body
    assert answer.body["resourceId"] == "Nowhere00000"
    is_modelled(answer, operation)
