"""Pictures in a bucket: a server whose storage is S3, asked over HTTP, and the bucket seen from the other side.

BASE_URL, ADMIN_EMAIL and ADMIN_PASSWORD say where the server is; it was started with ROSTRUM_STORAGE_URL
s3://lots/here/and-there and AWS_ENDPOINT_URL_S3 http://127.0.0.1:$BUCKET_PORT.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import boto3
import pytest
from moto.server import ThreadedMotoServer

BASE = os.environ.get("BASE_URL", "")
PREFIX = "here/and-there/pictures/"
PATIENCE_S = 20


@pytest.fixture(scope="module")
def bucket():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(os.environ["BUCKET_PORT"]), verbose=False)
    server.start()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{os.environ['BUCKET_PORT']}", region_name="us-east-1")
    client.create_bucket(Bucket="lots")
    yield client
    server.stop()


@pytest.fixture(scope="module")
def token():
    who = {"email": os.environ["ADMIN_EMAIL"], "password": os.environ["ADMIN_PASSWORD"]}
    return json.loads(ask("POST", "/api/auth/login", body=who)[1])["access_token"]


def ask(method, path, token=None, body=None):
    """Status and body of an answer; a body of bytes is sent as a file."""
    is_file = isinstance(body, bytes)
    data = body if is_file else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, method=method)
    request.add_header("content-type", "application/octet-stream" if is_file else "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def photograph():
    """A JPEG larger than any that is kept."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=2000x1000"]
    command += ["-frames:v", "1", "-c:v", "mjpeg", "-f", "image2pipe", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def keys(bucket):
    return sorted(item["Key"] for item in bucket.list_objects_v2(Bucket="lots").get("Contents", []))


def test_pictures_live_in_the_bucket_and_leave_it(bucket, token):
    lot = {"title": "Lamp", "duration": 600, "starting_bid": 1}
    auction = json.loads(ask("POST", "/api/auctions", token, lot)[1])["auction_id"]
    status, answer = ask("POST", f"/api/auctions/{auction}/images", token, photograph())
    assert status == 201, answer
    picture = json.loads(answer)
    assert (picture["width"], picture["height"]) == (1600, 800)
    names = sorted(url.rsplit("/", 1)[1] for url in (picture["url"], picture["thumbnail_url"]))
    assert keys(bucket) == [PREFIX + name for name in names]

    stored = bucket.get_object(Bucket="lots", Key=PREFIX + picture["url"].rsplit("/", 1)[1])["Body"].read()
    assert stored.startswith(b"\xff\xd8\xff")
    assert ask("GET", picture["url"]) == (200, stored)

    assert ask("DELETE", f"/api/auctions/{auction}/images/{picture['image_id']}", token)[0] == 204
    deadline = time.monotonic() + PATIENCE_S
    while keys(bucket) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert keys(bucket) == []
    assert ask("GET", picture["url"])[0] == 404


def test_a_bucket_that_fails_is_told_as_busy_and_nothing_is_half_there(bucket, token):
    lot = {"title": "Lamp", "duration": 600, "starting_bid": 1}
    auction = json.loads(ask("POST", "/api/auctions", token, lot)[1])["auction_id"]
    for key in keys(bucket):
        bucket.delete_object(Bucket="lots", Key=key)
    bucket.delete_bucket(Bucket="lots")
    status, answer = ask("POST", f"/api/auctions/{auction}/images", token, photograph())
    assert (status, json.loads(answer)) == (503, {"error": "Service temporarily unavailable"})
    assert json.loads(ask("GET", f"/api/auctions/{auction}")[1])["images"] == []
    bucket.create_bucket(Bucket="lots")
    assert ask("POST", f"/api/auctions/{auction}/images", token, photograph())[0] == 201
