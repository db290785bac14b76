/* Producers: keep-alive HTTP/1.1 connections, each with at most one request under way. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct producer {
    struct source source;
    bool busy;
    uint64_t rests_until; /* asked to come back later */
    uint64_t begun; /* when the request was sent, or should have been */
    uint32_t first;
    struct buffer out, in;
    size_t sent;
};

static struct producer *producers;
static bool running;
static int resting;
static uint64_t schedule_start, scheduled; /* with a rate: when the schedule began, how many POSTs were dispatched */
static uint64_t chance;

/* xorshift64*: the same seed chooses the same users in every run. */
static uint64_t next_chance(void)
{
    chance ^= chance >> 12;
    chance ^= chance << 25;
    chance ^= chance >> 27;
    return chance * 2685821657736338717ULL;
}

static void append_item(struct buffer *body, const char *user, const char *title)
{
    const char *text = options.item, *at;

    while ((at = strchr(text, '@'))) {
        append(body, text, (size_t)(at - text));
        if (strncmp(at, "@user@", 6) == 0) {
            append(body, user, strlen(user));
            text = at + 6;
        } else if (strncmp(at, "@title@", 7) == 0) {
            append(body, title, strlen(title));
            text = at + 7;
        } else {
            append(body, at, 1);
            text = at + 1;
        }
    }
    append(body, text, strlen(text));
}

static void build_request(struct producer *producer, uint64_t at)
{
    static struct buffer body;
    char head[1024];

    body.length = 0;
    append(&body, options.before, strlen(options.before));
    for (int i = 0; i < options.batch; i++) {
        int user = options.broadcast ? EVERYONE : (int)((next_chance() >> 11) % (uint64_t)users);
        uint32_t number = ledger_send(user, at);
        char title[16];

        if (i == 0)
            producer->first = number;
        else
            append(&body, ",", 1);
        snprintf(title, sizeof title, "b-%08u", number);
        append_item(&body, user == EVERYONE ? "" : user_names[user], title);
    }
    append(&body, options.after, strlen(options.after));
    int length = snprintf(head, sizeof head,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                          "%s%sContent-Length: %zu\r\n\r\n",
                          options.path, options.port, options.header, *options.header ? "\r\n" : "", body.length);
    producer->out.length = 0;
    append(&producer->out, head, (size_t)length);
    append(&producer->out, body.data, body.length);
}

static void producer_ready(struct source *source, uint32_t events);

static void connect_producer(struct producer *producer)
{
    producer->source = (struct source){.ready = producer_ready, .fd = open_connection()};
    watch(&producer->source, EPOLLIN, true);
}

static void write_more(struct producer *producer)
{
    size_t left = producer->out.length - producer->sent;
    ssize_t done = send(producer->source.fd, producer->out.data + producer->sent, left, MSG_NOSIGNAL);

    if (done > 0)
        producer->sent += (size_t)done;
    watch(&producer->source, producer->sent < producer->out.length ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
}

static void begin_request(struct producer *producer, uint64_t at)
{
    producer->busy = true;
    producer->begun = at;
    producer->sent = 0;
    producer->in.length = 0;
    build_request(producer, at);
    ssize_t done = send(producer->source.fd, producer->out.data, producer->out.length, MSG_NOSIGNAL);
    producer->sent = done > 0 ? (size_t)done : 0;
    if (producer->sent < producer->out.length)
        watch(&producer->source, EPOLLIN | EPOLLOUT, false);
}

static uint64_t due_at(uint64_t index)
{
    return schedule_start + (uint64_t)((double)index * 1e9 / options.rate);
}

/* Gives an idle producer its next request, if there is one now. */
static bool feed(struct producer *producer, uint64_t now)
{
    if (!running || producer->busy)
        return false;
    if (producer->rests_until) {
        if (now < producer->rests_until)
            return false;
        producer->rests_until = 0;
        resting--;
    }
    if (options.rate > 0) {
        if (due_at(scheduled) > now)
            return false;
        begin_request(producer, due_at(scheduled++));
    } else {
        begin_request(producer, now);
    }
    return true;
}

/* A server that has enough says when to come back; who then came at once would only measure how fast it refuses. */
static uint64_t asked_to_rest(const char *answer, size_t length, int status)
{
    static const char name[] = "\r\nretry-after:";
    const char *end = memmem(answer, length, "\r\n\r\n", 4);

    for (const char *at = answer; status == 503 && at < end; at++)
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return strtoull(at + sizeof name - 1, NULL, 10) * 1000000000ULL;
    return 0;
}

static void finish_request(struct producer *producer, int status, const char *text, uint64_t rest)
{
    uint64_t now = now_ns();

    producer->busy = false;
    ledger_answered(producer->first, (uint32_t)options.batch, status, rest > 0, producer->begun, text);
    if (rest) {
        producer->rests_until = now + rest;
        resting++;
    }
    feed(producer, now);
}

/* The whole length of the answer in `in`, 0 while it is incomplete. */
static size_t answer_length(const struct buffer *in)
{
    char *end = memmem(in->data, in->length, "\r\n\r\n", 4);

    if (!end)
        return 0;
    for (char *line = in->data; line < end; line = (char *)memchr(line, '\n', (size_t)(end + 2 - line)) + 1) {
        if (strncasecmp(line, "content-length:", 15) == 0) {
            size_t whole = (size_t)(end + 4 - in->data) + strtoul(line + 15, NULL, 10);
            return in->length >= whole ? whole : 0;
        }
        if (strncasecmp(line, "transfer-encoding:", 18) == 0)
            return memcmp(in->data + in->length - 5, "0\r\n\r\n", 5) == 0 ? in->length : 0;
    }
    return (size_t)(end + 4 - in->data);
}

static void read_answer(struct producer *producer)
{
    struct buffer *in = &producer->in;
    ssize_t got;

    reserve(in, 16384);
    got = recv(producer->source.fd, in->data + in->length, in->room - in->length - 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close(producer->source.fd);
        connect_producer(producer);
        if (producer->busy)
            finish_request(producer, 0, "the server closed the connection before its answer", 0);
        return;
    }
    in->length += (size_t)got;
    in->data[in->length] = 0;
    if (producer->busy && answer_length(in)) {
        int status = in->length > 12 ? atoi(in->data + 9) : 0;
        finish_request(producer, status, strstr(in->data, "\r\n\r\n") + 4, asked_to_rest(in->data, in->length, status));
    }
}

static void producer_ready(struct source *source, uint32_t events)
{
    struct producer *producer = (struct producer *)source;

    if (events & EPOLLOUT)
        write_more(producer);
    if (events & ~(uint32_t)EPOLLOUT)
        read_answer(producer);
}

void producers_start(uint64_t at)
{
    chance = options.seed * 0x9e3779b97f4a7c15ULL | 1;
    producers = calloc((size_t)options.producers, sizeof *producers);
    for (int i = 0; i < options.producers; i++)
        connect_producer(&producers[i]);
    running = true;
    schedule_start = at;
    producers_tick(now_ns());
}

void producers_stop(void)
{
    running = false;
}

void producers_tick(uint64_t now)
{
    for (int i = 0; i < options.producers; i++)
        feed(&producers[i], now);
}

bool producers_resting(void)
{
    return resting > 0;
}

bool producers_quiet(void)
{
    for (int i = 0; i < options.producers; i++)
        if (producers[i].busy)
            return false;
    return true;
}
