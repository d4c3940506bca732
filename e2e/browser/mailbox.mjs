import { setTimeout as sleep } from "node:timers/promises";

const WAIT_MS = 10_000;
const POLL_MS = 50;

/** Addresses of the mails to `email` that a development server keeps, newest first. */
async function addresses(base, email) {
  const response = await fetch(`${base}/dev/mail`);
  if (!response.ok) throw new Error(`/dev/mail answered ${response.status}: is the server started with --dev?`);
  const rows = (await response.text()).match(/<li>.*?<\/li>/gs) ?? [];
  return rows.filter((row) => row.includes(`to ${email},`)).map((row) => /href="(\/dev\/mail\/[^"]+)"/.exec(row)[1]);
}

/** The plain text of the `count`th mail to `email`, waited for. */
export async function mailTo(base, email, count) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await addresses(base, email);
    if (found.length >= count) {
      const page = await (await fetch(base + found[found.length - count])).text();
      return /<pre>(.*?)<\/pre>/s.exec(page)[1].replace(/<[^>]+>/g, "").replaceAll("&amp;", "&");
    }
    if (Date.now() > deadline) throw new Error(`${email} has ${found.length} mails, not ${count}`);
    await sleep(POLL_MS);
  }
}
