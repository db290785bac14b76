// The second baseline: a notification server as articles about Express and Socket.IO build it.
//
// A room per user, a `pg` pool of ten connections, one INSERT and one COUNT per notification, then an emit to the
// room. A batch does the same for each of its items; a broadcast stores one row (not one per user, which costs this
// server less than storing them all) and emits to everyone.

const http = require("node:http");
const express = require("express");
const { Server } = require("socket.io");
const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
const server = http.createServer(app);
const io = new Server(server, { cors: { origin: "*" } });

const INSERT = `INSERT INTO notifications (recipient, type, title, body, link)
                VALUES ($1, $2, $3, $4, $5) RETURNING id, created_at`;
const COUNT = "SELECT count(*)::int AS unread FROM notifications WHERE recipient = $1 AND NOT read";

async function store(recipient, { type, title, body, link }) {
  const { rows } = await pool.query(INSERT, [recipient, type, title, body, link]);
  return { id: rows[0].id, type, title, body, link, read: false, createdAt: rows[0].created_at };
}

async function notify(data) {
  const notification = await store(data.to, data);
  const { rows } = await pool.query(COUNT, [data.to]);
  const payload = { ...notification, unread: rows[0].unread };
  io.to(`user:${data.to}`).emit("notification", payload);
  return payload;
}

app.use(express.json({ limit: "2mb" }));

app.post("/notifications", async (request, response) => {
  response.status(201).json(await notify(request.body));
});

app.post("/notifications/batch", async (request, response) => {
  const stored = await Promise.all(request.body.notifications.map(notify));
  response.status(201).json(stored.map(({ id }) => id));
});

app.post("/notifications/broadcast", async (request, response) => {
  const notification = await store(null, request.body);
  io.emit("notification", notification);
  response.status(201).json({ id: notification.id });
});

app.get("/healthz", (request, response) => response.json({ ok: true }));

io.on("connection", (socket) => socket.join(`user:${socket.handshake.auth.user}`));

async function main() {
  await pool.query(`CREATE TABLE IF NOT EXISTS notifications (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    recipient text,
    type varchar(50) NOT NULL,
    title varchar(255) NOT NULL,
    body text,
    link varchar(500),
    read boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz)`);
  await pool.query(`CREATE INDEX IF NOT EXISTS unread_of_user
    ON notifications (recipient, created_at DESC) WHERE NOT read`);
  server.listen(Number(process.argv[2]), "127.0.0.1");
}

main();
