"""boto3 against every operation: answers, paginators and typed exceptions."""

import datetime

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import encoder, live_stream, until

NOWHERE = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000"


def test_a_channel_lives_from_create_to_delete(ivs, channels):
    created = channels(name="boto3_1", latencyMode="NORMAL", type="BASIC", tags={"owner": "me"})
    channel, key = created["channel"], created["streamKey"]
    assert channel["name"] == "boto3_1"
    assert (channel["latencyMode"], channel["type"]) == ("NORMAL", "BASIC")
    assert channel["tags"] == {"owner": "me"}
    assert (channel["authorized"], channel["insecureIngest"]) == (False, False)
    assert channel["recordingConfigurationArn"] == ""
    channel_id = channel["arn"].split("/")[1]
    assert len(channel_id) == 12 and channel["playbackUrl"].endswith(f".channel.{channel_id}.m3u8")
    assert "/" not in channel["ingestEndpoint"]
    assert key["channelArn"] == channel["arn"] and key["value"].startswith("sk_")

    assert ivs.get_channel(arn=channel["arn"])["channel"] == channel
    updated = ivs.update_channel(arn=channel["arn"], name="boto3_2", type="ADVANCED_SD")["channel"]
    assert updated == channel | {"name": "boto3_2", "type": "ADVANCED_SD", "preset": "HIGHER_BANDWIDTH_DELIVERY"}

    answer = ivs.delete_channel(arn=channel["arn"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ivs.exceptions.ResourceNotFoundException) as refusal:
        ivs.get_channel(arn=channel["arn"])
    error = refusal.value.response
    assert channel["arn"] in error["Error"]["Message"] and error["exceptionMessage"] == error["Error"]["Message"]
    assert error["ResponseMetadata"]["RequestId"]


def test_batches_answer_what_is_known_and_name_what_is_not(ivs, channels):
    created = [channels() for _ in range(2)]
    arns = [each["channel"]["arn"] for each in created]
    batch = ivs.batch_get_channel(arns=[arns[1], NOWHERE, arns[0]])
    assert [channel["arn"] for channel in batch["channels"]] == [arns[1], arns[0]]
    assert [(error["arn"], error["code"]) for error in batch["errors"]] == [(NOWHERE, "ResourceNotFoundException")]
    keys = [each["streamKey"] for each in created]
    batch = ivs.batch_get_stream_key(arns=[key["arn"] for key in keys])
    assert batch["streamKeys"] == keys and batch["errors"] == []


def test_channels_are_listed_in_pages_and_by_one_filter(ivs, channels):
    arns = [channels(name="boto3_paged")["channel"]["arn"] for _ in range(5)]
    paginator = ivs.get_paginator("list_channels")
    pages = list(paginator.paginate(filterByName="boto3_paged", PaginationConfig={"PageSize": 2}))
    assert [len(page["channels"]) for page in pages] == [2, 2, 1]
    assert "nextToken" not in pages[-1]
    assert [channel["arn"] for page in pages for channel in page["channels"]] == arns
    assert not {"ingestEndpoint", "playbackUrl"} & pages[0]["channels"][0].keys()
    everything = {channel["arn"] for page in paginator.paginate() for channel in page["channels"]}
    assert set(arns) <= everything
    recording = "arn:aws:ivs:us-east-1:000000000000:recording-configuration/x"
    assert ivs.list_channels(filterByRecordingConfigurationArn=recording)["channels"] == []
    with pytest.raises(ivs.exceptions.ConflictException):
        ivs.list_channels(filterByName="a", filterByRecordingConfigurationArn=recording)
    with pytest.raises(ivs.exceptions.ValidationException, match="nextToken"):
        ivs.list_channels(nextToken="bm9uc2Vuc2U")


def test_stream_keys_are_rotated_within_the_quota(ivs, channels):
    created = channels()
    arn, first = created["channel"]["arn"], created["streamKey"]
    with pytest.raises(ivs.exceptions.ServiceQuotaExceededException) as refusal:
        ivs.create_stream_key(channelArn=arn)
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert ivs.get_stream_key(arn=first["arn"])["streamKey"] == first
    pages = ivs.get_paginator("list_stream_keys").paginate(channelArn=arn)
    listed = [key for page in pages for key in page["streamKeys"]]
    assert listed == [{"arn": first["arn"], "channelArn": arn, "tags": {}}]

    assert ivs.delete_stream_key(arn=first["arn"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    second = ivs.create_stream_key(channelArn=arn, tags={"a": "b"})["streamKey"]
    assert second["value"] != first["value"] and second["tags"] == {"a": "b"}
    with pytest.raises(ivs.exceptions.ResourceNotFoundException):
        ivs.get_stream_key(arn=first["arn"])
    with pytest.raises(ivs.exceptions.ResourceNotFoundException):
        ivs.delete_stream_key(arn=first["arn"])


@pytest.mark.parametrize("resource", ["channel", "streamKey"])
def test_tags_are_added_replaced_and_removed(ivs, channels, resource):
    arn = channels()[resource]["arn"]
    ivs.tag_resource(resourceArn=arn, tags={"owner": "me", "k 2=/+": "v@x"})
    ivs.tag_resource(resourceArn=arn, tags={"owner": "you"})
    assert ivs.list_tags_for_resource(resourceArn=arn)["tags"] == {"owner": "you", "k 2=/+": "v@x"}
    ivs.untag_resource(resourceArn=arn, tagKeys=["k 2=/+", "owner"])
    assert ivs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    with pytest.raises(ivs.exceptions.ValidationException, match="tags"):
        ivs.tag_resource(resourceArn=arn, tags={"aws:x": "y"})
    with pytest.raises(ivs.exceptions.ResourceNotFoundException):
        ivs.list_tags_for_resource(resourceArn=NOWHERE)


def test_an_offline_channel_is_told_from_an_unknown_one(ivs, channels):
    arn = channels()["channel"]["arn"]
    for call in (ivs.get_stream, ivs.stop_stream):
        with pytest.raises(ivs.exceptions.ChannelNotBroadcasting):
            call(channelArn=arn)
        with pytest.raises(ivs.exceptions.ResourceNotFoundException):
            call(channelArn=NOWHERE)
    with pytest.raises(ivs.exceptions.ResourceNotFoundException):
        ivs.get_stream_session(channelArn=arn)
    assert ivs.list_stream_sessions(channelArn=arn)["streamSessions"] == []


def test_a_broadcast_is_seen_stopped_and_remembered(ivs, channels):
    created = channels(name="boto3_live", insecureIngest=True)
    arn, key = created["channel"]["arn"], created["streamKey"]
    with encoder(key["value"]) as ffmpeg:
        stream = live_stream(ivs, arn)
        assert stream["state"] == "LIVE" and stream["health"] in {"HEALTHY", "UNKNOWN"}
        assert stream["playbackUrl"] == created["channel"]["playbackUrl"]
        age = datetime.datetime.now(datetime.timezone.utc) - stream["startTime"]
        assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=1)
        listed = [s for page in ivs.get_paginator("list_streams").paginate() for s in page["streams"]]
        assert stream["streamId"] in {s["streamId"] for s in listed}
        starving = ivs.list_streams(filterBy={"health": "STARVING"})["streams"]
        assert stream["streamId"] not in {s["streamId"] for s in starving}
        with pytest.raises(ivs.exceptions.ConflictException):
            ivs.delete_channel(arn=arn)
        session = ivs.get_stream_session(channelArn=arn)["streamSession"]
        assert session["streamId"] == stream["streamId"] and "endTime" not in session

        # The way to keep an encoder out that connects again by itself.
        ivs.delete_stream_key(arn=key["arn"])
        ivs.stop_stream(channelArn=arn)
        assert ffmpeg.wait(timeout=10) != 0
    with pytest.raises(ivs.exceptions.ChannelNotBroadcasting):
        ivs.get_stream(channelArn=arn)

    def ended():
        session = ivs.get_stream_session(channelArn=arn, streamId=stream["streamId"])["streamSession"]
        return session if "endTime" in session else None

    session = until(ended, "the session to end")
    assert session["channel"]["name"] == "boto3_live"
    assert session["ingestConfiguration"]["video"]["videoWidth"] == 320
    assert session["ingestConfigurations"]["audioConfigurations"][0]["sampleRate"] == 48000
    names = [event["name"] for event in session["truncatedEvents"]]
    assert names[0] == "Stream End" and names[-2:] == ["Stream Start", "Session Created"]
    summary = ivs.list_stream_sessions(channelArn=arn)["streamSessions"][0]
    assert (summary["streamId"], summary["hasErrorEvent"]) == (stream["streamId"], False)


def test_a_wrong_secret_is_refused(ivs):
    stranger = boto3.client("ivs", aws_secret_access_key="wrong", aws_access_key_id=key_id(ivs))
    assert refused(stranger) == (403, "InvalidSignatureException")
    stranger = boto3.client("ivs", aws_secret_access_key="wrong", aws_access_key_id="AKIDUNKNOWN")
    assert refused(stranger) == (403, "UnrecognizedClientException")
    stranger = boto3.client("ivs", config=Config(signature_version="v4-query"))
    assert refused(stranger)[0] == 403


def key_id(client):
    return client._request_signer._credentials.access_key


def refused(client):
    with pytest.raises(ClientError) as refusal:
        client.list_channels()
    response = refusal.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]
