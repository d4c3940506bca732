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
  "/admin/channels": { get: Op<None, Page & { state?: T.ChannelState; q?: string }, undefined, T.Channels>; post: Post<None, { name: string; recordingEnabled?: boolean }, { message: string; channel: { channelId: string; channelName: string } }> };
  "/admin/channels/capacity": { get: Op<None, never, undefined, T.Capacity> };
  "/admin/channels/{id}": { get: Op<Id, never, undefined, { channel: T.Channel }>; delete: Op<Id, never, undefined, { message: string }> };
  "/admin/channels/{id}/stats": { get: Op<Id, never, undefined, T.Stats> };
  "/admin/channels/{id}/state": { put: Post<Id, { newState: T.ChannelState; sessionId?: string; force?: boolean }, { message: string; previousState: T.ChannelState; newState: T.ChannelState }> };
  "/admin/channels/{id}/health": { get: Op<Id, never, undefined, T.ChannelHealth> };
  "/admin/channels/{id}/broadcasts": { get: Op<Id, { limit?: number; offset?: number }, undefined, { broadcasts: T.BroadcastRow[]; total: number }> };
  "/admin/channels/{id}/timeline": { get: Op<Id, { limit?: number; before?: number }, undefined, { entries: T.TimelineEntry[] }> };
  "/admin/channels/{id}/audit": { get: Op<Id, { limit?: number; offset?: number }, undefined, { entries: T.AuditEntry[] }> };
  "/admin/channels/{id}/cost": { get: Op<Id, never, undefined, T.ChannelCost> };
  "/admin/channel-requests": { get: Op<None, Page & { status?: T.ChannelRequest["status"] }, undefined, { requests: T.ChannelRequest[]; nextToken?: string | null }> };
  "/admin/channel-requests/{id}/approve": { post: Post<Id, { recordingEnabled?: boolean }, { message: string; channel: { channelId: string; channelName: string } }> };
  "/admin/channel-requests/{id}/reject": { post: Post<Id, { reason: string }, { message: string }> };
  "/api/shows": { get: Op<None, { limit?: number; offset?: number; mine?: boolean }, undefined, { shows: T.Show[] }>; post: Post<None, { title: string; description?: string }, T.Show> };
  "/sessions": { get: Op<None, { status?: "ACTIVE" | "ENDED"; channelId?: string; limit?: number }, undefined, { sessions: T.Session[] }>; post: Post<None, { showId: string; episodeId?: string }, { message: string; session: T.Session }> };
  "/sessions/{id}": { get: Op<Id, never, undefined, { session: T.Session }>; delete: Op<Id, { stop?: boolean }, undefined, { message: string }> };
  "/sessions/{id}/heartbeat": { post: Op<Id, never, undefined, { sessionId: string; leaseUntil: string }> };
  "/api/channels/{id}": { get: Op<Id, never, undefined, T.PublicChannel> };
}

export const api = createClient<Paths>({ baseUrl: "/", fetch: authorisedFetch });
