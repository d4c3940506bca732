"""The AWS CLI, as an operator types it."""

import json
import pathlib
import subprocess
import sys

import pytest

from conftest import encoder, live_stream

AWS = pathlib.Path(sys.executable).with_name("aws")
NOWHERE = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000"


def aws(*words, service="ivs"):
    done = run(*words, service=service)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def run(*words, service="ivs"):
    command = [str(AWS), service, *words, "--output", "json"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def channel():
    created = aws("create-channel", "--name", "cli_1", "--insecure-ingest", "--tags", "owner=me")
    yield created
    run("stop-stream", "--channel-arn", created["channel"]["arn"])
    run("delete-channel", "--arn", created["channel"]["arn"])


def test_channels(channel):
    arn = channel["channel"]["arn"]
    assert aws("get-channel", "--arn", arn)["channel"] == channel["channel"]
    assert aws("batch-get-channel", "--arns", arn, NOWHERE)["errors"][0]["arn"] == NOWHERE
    # The CLI pages by itself; a page size of one makes it ask several times.
    listed = aws("list-channels", "--page-size", "1")["channels"]
    assert arn in {each["arn"] for each in listed}
    assert [each["arn"] for each in aws("list-channels", "--filter-by-name", "cli_1")["channels"]] == [arn]
    updated = aws("update-channel", "--arn", arn, "--latency-mode", "NORMAL", "--no-insecure-ingest")["channel"]
    assert (updated["latencyMode"], updated["insecureIngest"]) == ("NORMAL", False)
    assert aws("delete-channel", "--arn", arn) is None
    missing = run("get-channel", "--arn", arn)
    assert missing.returncode != 0 and "(ResourceNotFoundException)" in missing.stderr


def test_stream_keys(channel):
    arn, key = channel["channel"]["arn"], channel["streamKey"]
    assert aws("get-stream-key", "--arn", key["arn"])["streamKey"] == key
    assert aws("batch-get-stream-key", "--arns", key["arn"])["streamKeys"] == [key]
    assert [each["arn"] for each in aws("list-stream-keys", "--channel-arn", arn)["streamKeys"]] == [key["arn"]]
    refused = run("create-stream-key", "--channel-arn", arn)
    assert "(ServiceQuotaExceededException)" in refused.stderr
    aws("delete-stream-key", "--arn", key["arn"])
    assert aws("create-stream-key", "--channel-arn", arn)["streamKey"]["value"] != key["value"]


def test_tags(channel):
    arn = channel["channel"]["arn"]
    aws("tag-resource", "--resource-arn", arn, "--tags", "show=evening news,owner=you")
    assert aws("list-tags-for-resource", "--resource-arn", arn)["tags"] == {"show": "evening news", "owner": "you"}
    aws("untag-resource", "--resource-arn", arn, "--tag-keys", "show", "owner")
    assert aws("list-tags-for-resource", "--resource-arn", arn)["tags"] == {}


def test_streams(ivs, channel):
    arn = channel["channel"]["arn"]
    offline = run("get-stream", "--channel-arn", arn)
    assert "(ChannelNotBroadcasting)" in offline.stderr
    assert aws("list-stream-sessions", "--channel-arn", arn)["streamSessions"] == []
    with encoder(channel["streamKey"]["value"]):
        stream_id = live_stream(ivs, arn)["streamId"]
        assert aws("get-stream", "--channel-arn", arn)["stream"]["streamId"] == stream_id
        assert stream_id in {each["streamId"] for each in aws("list-streams")["streams"]}
        aws("delete-stream-key", "--arn", channel["streamKey"]["arn"])
        aws("stop-stream", "--channel-arn", arn)
    assert aws("get-stream-session", "--channel-arn", arn)["streamSession"]["streamId"] == stream_id
    assert aws("list-stream-sessions", "--channel-arn", arn)["streamSessions"][0]["streamId"] == stream_id


def test_what_is_not_there_says_so():
    for service, words in [
        ("ivs", ["list-recording-configurations"]),
        ("ivs", ["put-metadata", "--channel-arn", NOWHERE, "--metadata", "x"]),
    ]:
        refused = run(*words, service=service)
        assert refused.returncode != 0 and "is not available on this server" in refused.stderr, refused.stderr
