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
  "/admin/channel-requests": { get: Op<None, Page & { status?: T.ChannelRequest["status"] }, undefined, { requests: T.ChannelRequest[]; nextToken?: string | null }> };
  "/admin/channel-requests/{id}/approve": { post: Post<Id, { recordingEnabled?: boolean }, { message: string; channel: { channelId: string; channelName: string } }> };
  "/admin/channel-requests/{id}/reject": { post: Post<Id, { reason: string }, { message: string }> };
}

export const api = createClient<Paths>({ baseUrl: "/", fetch: authorisedFetch });
