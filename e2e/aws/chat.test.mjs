// Amazon's JavaScript SDK (version 3) against every operation of chat.
// The environment says where the server is; see conftest.py.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Ivschat } from "@aws-sdk/client-ivschat";

const chat = new Ivschat({ region: process.env.AWS_REGION ?? "us-east-1" });
const NOWHERE = "arn:aws:ivschat:us-east-1:000000000000:room/Nowhere00000";
const made = [];

after(async () => {
  for (const identifier of made) {
    await chat.deleteRoom({ identifier }).catch((error) => {
      if (error.name !== "ResourceNotFoundException") throw error;
    });
  }
});

async function create(members = {}) {
  const room = await chat.createRoom(members);
  made.push(room.arn);
  return room;
}

const refusal = (call) => call.then(() => assert.fail("the call was not refused"), (error) => error);

function body({ $metadata, ...members }) {
  assert.ok($metadata.requestId);
  return members;
}

test("a room lives from create to delete", async () => {
  const room = body(await create({ name: "js_1", tags: { owner: "me" } }));
  const identifier = room.arn;
  assert.ok(room.createTime instanceof Date && Math.abs(Date.now() - room.createTime) < 60_000);
  assert.deepEqual(body(await chat.getRoom({ identifier })), room);
  const updated = body(await chat.updateRoom({ identifier, maximumMessageLength: 10 }));
  assert.deepEqual(updated, { ...room, maximumMessageLength: 10, updateTime: updated.updateTime });
  const { rooms } = await chat.listRooms({ name: "js_1" });
  assert.ok(rooms.some(({ arn }) => arn === identifier));
  assert.equal((await chat.deleteRoom({ identifier })).$metadata.httpStatusCode, 204);
  const gone = await refusal(chat.getRoom({ identifier }));
  assert.deepEqual([gone.name, gone.resourceId, gone.resourceType], ["ResourceNotFoundException", room.id, "ROOM"]);
});

test("tokens, events and moderation", async () => {
  const { arn: roomIdentifier } = await create();
  const token = await chat.createChatToken({ roomIdentifier, userId: "ann", capabilities: ["SEND_MESSAGE"] });
  assert.match(token.token, /^[A-Za-z0-9]{48}$/);
  assert.equal(token.sessionExpirationTime - token.tokenExpirationTime, 59 * 60_000);
  assert.match((await chat.sendEvent({ roomIdentifier, eventName: "sold" })).id, /^[A-Za-z0-9]{12}$/);
  assert.match((await chat.deleteMessage({ roomIdentifier, id: "abcdefghijkl" })).id, /^[A-Za-z0-9]{12}$/);
  assert.deepEqual(body(await chat.disconnectUser({ roomIdentifier, userId: "ann" })), {});
  const wrong = await refusal(chat.createChatToken({ roomIdentifier, userId: "ann", capabilities: ["FLY"] }));
  assert.deepEqual([wrong.name, wrong.reason], ["ValidationException", "FIELD_VALIDATION_FAILED"]);
  assert.equal(wrong.fieldList[0].name, "capabilities");
});

test("tags are added, listed and removed", async () => {
  const { arn: resourceArn } = await create();
  await chat.tagResource({ resourceArn, tags: { owner: "me", "k 2=/+": "ü" } });
  assert.deepEqual((await chat.listTagsForResource({ resourceArn })).tags, { owner: "me", "k 2=/+": "ü" });
  await chat.untagResource({ resourceArn, tagKeys: ["k 2=/+", "owner"] });
  assert.deepEqual((await chat.listTagsForResource({ resourceArn })).tags, {});
  const gone = await refusal(chat.listTagsForResource({ resourceArn: NOWHERE }));
  assert.equal(gone.name, "ResourceNotFoundException");
});
