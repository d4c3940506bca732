"""boto3 against every operation of chat: answers and typed exceptions."""

import datetime

import pytest

NOWHERE = "arn:aws:ivschat:us-east-1:000000000000:room/Nowhere00000"
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:review"


def body(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_room_lives_from_create_to_delete(chat, rooms):
    created = rooms(name="boto3_1", maximumMessageRatePerSecond=5, tags={"owner": "me"})
    assert created["arn"].endswith(":room/" + created["id"]) and len(created["id"]) == 12
    assert (created["maximumMessageRatePerSecond"], created["maximumMessageLength"]) == (5, 500)
    assert created["messageReviewHandler"] == {"uri": "", "fallbackResult": "ALLOW"}
    age = datetime.datetime.now(datetime.timezone.utc) - created["createTime"]
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=1)
    assert body(chat.get_room(identifier=created["arn"])) == body(created)
    review = {"uri": LAMBDA, "fallbackResult": "DENY"}
    updated = chat.update_room(identifier=created["arn"], name="boto3_2", messageReviewHandler=review)
    changed = {"name": "boto3_2", "messageReviewHandler": review, "updateTime": updated["updateTime"]}
    assert body(updated) == body(created) | changed
    answer = chat.delete_room(identifier=created["arn"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(chat.exceptions.ResourceNotFoundException) as refusal:
        chat.get_room(identifier=created["arn"])
    error = refusal.value.response
    assert (error["resourceId"], error["resourceType"]) == (created["id"], "ROOM")
    assert created["arn"] in error["Error"]["Message"] and error["ResponseMetadata"]["RequestId"]


def test_rooms_are_listed_in_pages_and_by_filters(chat, rooms):
    arns = [rooms(name="boto3_paged")["arn"] for _ in range(3)]
    sizes, listed, more = [], [], {}
    while True:
        page = chat.list_rooms(name="boto3_paged", maxResults=2, **more)
        sizes.append(len(page["rooms"]))
        listed += [room["arn"] for room in page["rooms"]]
        if "nextToken" not in page:
            break
        more = {"nextToken": page["nextToken"]}
    assert (sizes, listed) == ([2, 1], arns)
    assert chat.list_rooms(name="boto3_paged", messageReviewHandlerUri=LAMBDA)["rooms"] == []
    with pytest.raises(chat.exceptions.ValidationException) as refusal:
        chat.list_rooms(nextToken="bm9uc2Vuc2U")
    error = refusal.value.response
    assert (error["reason"], error["fieldList"][0]["name"]) == ("FIELD_VALIDATION_FAILED", "nextToken")


def test_tags_are_added_and_removed(chat, rooms):
    arn = rooms()["arn"]
    chat.tag_resource(resourceArn=arn, tags={"owner": "me", "k 2=/+": "v@x"})
    assert chat.list_tags_for_resource(resourceArn=arn)["tags"] == {"owner": "me", "k 2=/+": "v@x"}
    chat.untag_resource(resourceArn=arn, tagKeys=["k 2=/+", "owner"])
    assert chat.get_room(identifier=arn)["tags"] == {}
    with pytest.raises(chat.exceptions.ResourceNotFoundException):
        chat.list_tags_for_resource(resourceArn=NOWHERE)


def test_tokens_events_and_moderation(chat, rooms):
    arn = rooms()["arn"]
    token = chat.create_chat_token(
        roomIdentifier=arn,
        userId="ann",
        capabilities=["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"],
        sessionDurationInMinutes=180,
        attributes={"username": "Ann"},
    )
    assert token["token"].isalnum() and token["token"].isascii()
    lifetime = token["sessionExpirationTime"] - token["tokenExpirationTime"]
    assert lifetime == datetime.timedelta(minutes=179)
    sent = chat.send_event(roomIdentifier=arn, eventName="sold", attributes={"price": "125.50"})
    deleted = chat.delete_message(roomIdentifier=arn, id="abcdefghijkl", reason="spam")
    assert len(sent["id"]) == len(deleted["id"]) == 12 and sent["id"] != deleted["id"]
    assert body(chat.disconnect_user(roomIdentifier=arn, userId="ann", reason="spam")) == {}
    for call in (
        lambda: chat.create_chat_token(roomIdentifier=NOWHERE, userId="ann"),
        lambda: chat.send_event(roomIdentifier=NOWHERE, eventName="sold"),
        lambda: chat.delete_message(roomIdentifier=NOWHERE, id="abcdefghijkl"),
        lambda: chat.disconnect_user(roomIdentifier=NOWHERE, userId="ann"),
    ):
        with pytest.raises(chat.exceptions.ResourceNotFoundException):
            call()
