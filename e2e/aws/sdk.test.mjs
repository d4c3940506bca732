// Amazon's JavaScript SDK (version 3) against every operation.
// The environment says where the server is; see conftest.py.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Ivs, paginateListChannels, paginateListStreams } from "@aws-sdk/client-ivs";

const ivs = new Ivs({ region: process.env.AWS_REGION ?? "us-east-1" });
const NOWHERE = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000";
const PATIENCE_MS = 30_000;
const made = [];

after(async () => {
  for (const arn of made) {
    await ivs.stopStream({ channelArn: arn }).catch(ignore("ChannelNotBroadcasting", "ResourceNotFoundException"));
    await ivs.deleteChannel({ arn }).catch(ignore("ResourceNotFoundException"));
  }
});

const ignore = (...names) => (error) => {
  if (!names.includes(error.name)) throw error;
};

async function create(members = {}) {
  const created = await ivs.createChannel(members);
  made.push(created.channel.arn);
  return created;
}

/** The status and name the SDK gives to a refusal, with the fields people read. */
async function refusal(call) {
  const error = await call.then(() => assert.fail("the call was not refused"), (error) => error);
  assert.ok(error.message && error.message !== "UnknownError", "the error says what is wrong");
  assert.ok(error.$metadata.requestId, "the error has a request id");
  return [error.$metadata.httpStatusCode, error.name];
}

test("a channel lives from create to delete", async () => {
  const { channel, streamKey } = await create({ name: "js_1", tags: { owner: "me" } });
  assert.equal(channel.type, "STANDARD");
  assert.equal(streamKey.channelArn, channel.arn);
  assert.deepEqual((await ivs.getChannel({ arn: channel.arn })).channel, channel);
  const updated = await ivs.updateChannel({ arn: channel.arn, latencyMode: "NORMAL" });
  assert.deepEqual(updated.channel, { ...channel, latencyMode: "NORMAL" });
  const batch = await ivs.batchGetChannel({ arns: [NOWHERE, channel.arn] });
  assert.deepEqual([batch.channels.length, batch.errors[0].arn], [1, NOWHERE]);
  const deleted = await ivs.deleteChannel({ arn: channel.arn });
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  assert.deepEqual(await refusal(ivs.getChannel({ arn: channel.arn })), [404, "ResourceNotFoundException"]);
});

test("channels are listed in pages", async () => {
  const arns = [];
  for (let index = 0; index < 3; index++) arns.push((await create({ name: "js_paged" })).channel.arn);
  const sizes = [];
  const listed = [];
  for await (const page of paginateListChannels({ client: ivs, pageSize: 2 }, { filterByName: "js_paged" })) {
    sizes.push(page.channels.length);
    listed.push(...page.channels.map((channel) => channel.arn));
  }
  assert.deepEqual([sizes, listed], [[2, 1], arns]);
  const recording = NOWHERE.replace("channel", "recording-configuration");
  const two = { filterByName: "a", filterByRecordingConfigurationArn: recording };
  assert.deepEqual(await refusal(ivs.listChannels(two)), [409, "ConflictException"]);
});

test("stream keys are rotated within the quota", async () => {
  const { channel, streamKey } = await create();
  const second = await refusal(ivs.createStreamKey({ channelArn: channel.arn }));
  assert.deepEqual(second, [402, "ServiceQuotaExceededException"]);
  assert.deepEqual((await ivs.getStreamKey({ arn: streamKey.arn })).streamKey, streamKey);
  assert.deepEqual((await ivs.batchGetStreamKey({ arns: [streamKey.arn] })).streamKeys, [streamKey]);
  const { streamKeys } = await ivs.listStreamKeys({ channelArn: channel.arn });
  assert.deepEqual(streamKeys, [{ arn: streamKey.arn, channelArn: channel.arn, tags: {} }]);
  await ivs.deleteStreamKey({ arn: streamKey.arn });
  const rotated = await ivs.createStreamKey({ channelArn: channel.arn });
  assert.notEqual(rotated.streamKey.value, streamKey.value);
});

test("tags are added, listed and removed", async () => {
  const { channel } = await create();
  const resourceArn = channel.arn;
  await ivs.tagResource({ resourceArn, tags: { owner: "me", "k 2=/+": "ü" } });
  assert.deepEqual((await ivs.listTagsForResource({ resourceArn })).tags, { owner: "me", "k 2=/+": "ü" });
  await ivs.untagResource({ resourceArn, tagKeys: ["k 2=/+", "owner"] });
  assert.deepEqual((await ivs.listTagsForResource({ resourceArn })).tags, {});
});

test("a broadcast is seen, stopped and remembered", async () => {
  const { channel, streamKey } = await create({ name: "js_live", insecureIngest: true });
  const channelArn = channel.arn;
  assert.deepEqual(await refusal(ivs.getStream({ channelArn })), [404, "ChannelNotBroadcasting"]);
  assert.deepEqual(await refusal(ivs.getStreamSession({ channelArn })), [404, "ResourceNotFoundException"]);
  const encoder = publish(streamKey.value);
  try {
    const stream = await live(channelArn);
    assert.equal(stream.state, "LIVE");
    assert.ok(stream.startTime instanceof Date && Math.abs(Date.now() - stream.startTime) < 60_000);
    const ids = [];
    for await (const page of paginateListStreams({ client: ivs }, {})) ids.push(...page.streams.map((s) => s.streamId));
    assert.ok(ids.includes(stream.streamId));
    assert.deepEqual(await refusal(ivs.deleteChannel({ arn: channelArn })), [409, "ConflictException"]);
    await ivs.deleteStreamKey({ arn: streamKey.arn });
    const [exit] = await Promise.all([once(encoder, "exit"), ivs.stopStream({ channelArn })]);
    assert.notEqual(exit[0], 0, "the encoder was disconnected");
    assert.deepEqual(await refusal(ivs.getStream({ channelArn })), [404, "ChannelNotBroadcasting"]);
    const { streamSession } = await ivs.getStreamSession({ channelArn, streamId: stream.streamId });
    assert.equal(streamSession.ingestConfiguration.video.videoHeight, 180);
    const { streamSessions } = await ivs.listStreamSessions({ channelArn });
    assert.deepEqual([streamSessions[0].streamId, streamSessions[0].hasErrorEvent], [stream.streamId, false]);
  } finally {
    encoder.kill("SIGKILL");
  }
});

test("what is wrong is said by name", async () => {
  assert.deepEqual(await refusal(ivs.createChannel({ name: "has space" })), [400, "ValidationException"]);
  assert.deepEqual(await refusal(ivs.listPlaybackKeyPairs({})), [501, "UnsupportedOperationException"]);
  const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" };
  const stranger = new Ivs({ region: "us-east-1", credentials });
  assert.deepEqual(await refusal(stranger.listChannels({})), [403, "InvalidSignatureException"]);
});

function publish(key) {
  const url = `${process.env.ROSTRUM_RTMP_URL.replace(/\/$/, "")}/${key}`;
  const picture = "-re -f lavfi -i testsrc2=size=320x180:rate=30".split(" ");
  const sound = "-f lavfi -i sine=frequency=440:sample_rate=48000".split(" ");
  const codecs = "-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac".split(" ");
  const words = ["-hide_banner", "-loglevel", "error", "-nostdin", ...picture, ...sound, ...codecs, "-f", "flv", url];
  return spawn("ffmpeg", words, { stdio: ["ignore", "ignore", "inherit"] });
}

async function live(channelArn) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const got = await ivs.getStream({ channelArn }).catch(ignore("ChannelNotBroadcasting"));
    if (got) return got.stream;
    await wait(100);
  }
  assert.fail(`waited ${PATIENCE_MS} ms for ${channelArn} to go live`);
}
