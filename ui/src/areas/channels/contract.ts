import createClient from "openapi-fetch";
import { authorisedFetch } from "../../api/client";
import type * as T from "./types";

interface Op<Path, Query, Body, Ok> {
  parameters: (Path extends undefined ? { path?: never } : { path: Path }) & { query?: Query; header?: never; cookie?: never };
  requestBody?: Body extends undefined ? never : { content: { "application/json": Body } };
  responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Ok } } };
}
interface Post<Path, Body, Ok> {
  parameters: (Path extends undefined ? { path?: never } : { path: Path }) & { query?: never; header?: never; cookie?: never };
  requestBody: { content: { "application/json": Body } };
  responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Ok } } };
}
type Id = { id: string };
type None = undefined;
interface Page { limit?: number; nextToken?: string }

export interface Paths {
  "/admin/channels/{id}/health": { get: Op<Id, never, undefined, T.ChannelHealth> };
  "/admin/channels/{id}/broadcasts": { get: Op<Id, { limit?: number; offset?: number }, undefined, { broadcasts: T.BroadcastRow[]; total: number }> };
  "/admin/channels/{id}/timeline": { get: Op<Id, { limit?: number; before?: number }, undefined, { entries: T.TimelineEntry[] }> };
  "/admin/channels/{id}/audit": { get: Op<Id, { limit?: number; offset?: number }, undefined, { entries: T.AuditEntry[] }> };
  "/admin/channels/{id}/cost": { get: Op<Id, never, undefined, T.ChannelCost> };
  "/admin/channel-requests": { get: Op<None, Page & { status?: T.ChannelRequest["status"] }, undefined, { requests: T.ChannelRequest[]; nextToken?: string | null }> };
  "/admin/channel-requests/{id}/approve": { post: Post<Id, { recordingEnabled?: boolean }, { message: string; channel: { channelId: string; channelName: string } }> };
  "/admin/channel-requests/{id}/reject": { post: Post<Id, { reason: string }, { message: string }> };
  "/api/channels/{id}": { get: Op<Id, never, undefined, T.PublicChannel> };
}

export const api = createClient<Paths>({ baseUrl: "/", fetch: authorisedFetch });
