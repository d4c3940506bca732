"""The AWS CLI, as an operator types it.

Starting the program takes most of a second, so only the last check does it each time; the others share one process,
which calls the program's main function for each line it reads. It is not this process, because the CLI brings a botocore
of its own.
"""

import json
import pathlib
import subprocess
import sys
import types

import pytest

from conftest import encoder, live_stream, remove

AWS = pathlib.Path(sys.executable).with_name("aws")
MAIN = """
import contextlib, io, json, sys
from awscli import clidriver
for line in sys.stdin:
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        status = clidriver.create_clidriver().main(json.loads(line))
    print(json.dumps({"returncode": status, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}), flush=True)
"""
NOWHERE = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000"


@pytest.fixture(scope="module")
def run():
    """Runs the CLI with these words."""
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", MAIN], **pipe) as process:

        def run(*words):
            process.stdin.write(json.dumps(["ivs", *words, "--output", "json"]) + "\n")
            process.stdin.flush()
            return types.SimpleNamespace(**json.loads(process.stdout.readline()))

        yield run


@pytest.fixture(scope="module")
def aws(run):
    """Runs the CLI with these words, which must succeed, and reads what it prints."""

    def aws(*words):
        done = run(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return aws


@pytest.fixture
def channel(ivs, aws):
    created = aws("create-channel", "--name", "cli_1", "--insecure-ingest", "--tags", "owner=me")
    yield created
    remove(ivs, created["channel"]["arn"])


def test_channels(aws, run, channel):
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


def test_stream_keys(aws, run, channel):
    arn, key = channel["channel"]["arn"], channel["streamKey"]
    assert aws("get-stream-key", "--arn", key["arn"])["streamKey"] == key
    assert aws("batch-get-stream-key", "--arns", key["arn"])["streamKeys"] == [key]
    assert [each["arn"] for each in aws("list-stream-keys", "--channel-arn", arn)["streamKeys"]] == [key["arn"]]
    refused = run("create-stream-key", "--channel-arn", arn)
    assert "(ServiceQuotaExceededException)" in refused.stderr
    aws("delete-stream-key", "--arn", key["arn"])
    assert aws("create-stream-key", "--channel-arn", arn)["streamKey"]["value"] != key["value"]


def test_tags(aws, channel):
    arn = channel["channel"]["arn"]
    aws("tag-resource", "--resource-arn", arn, "--tags", "show=evening news,owner=you")
    assert aws("list-tags-for-resource", "--resource-arn", arn)["tags"] == {"show": "evening news", "owner": "you"}
    aws("untag-resource", "--resource-arn", arn, "--tag-keys", "show", "owner")
    assert aws("list-tags-for-resource", "--resource-arn", arn)["tags"] == {}


def test_streams(ivs, aws, run, channel):
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


def test_what_is_not_there_says_so(run):
    for words in [["list-playback-key-pairs"], ["put-metadata", "--channel-arn", NOWHERE, "--metadata", "x"]]:
        refused = run(*words)
        assert refused.returncode != 0 and "is not available on this server" in refused.stderr, refused.stderr


def test_the_program_itself(channel):
    arn = channel["channel"]["arn"]
    command = [str(AWS), "ivs", "get-channel", "--arn", arn, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["channel"] == channel["channel"], done.stderr
    command[4] = NOWHERE
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0 and "(ResourceNotFoundException)" in done.stderr
