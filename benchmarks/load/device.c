/* A device: one WebSocket connection that signs in, answers pings and reads events. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDSHAKES_AT_ONCE = 32, FRAME_LIMIT = 4 << 20 };
enum state { UPGRADING, SIGNING_IN, CONNECTED, GONE };

struct device {
    struct source source;
    enum state state;
    int user;
    const char *sign_in;
    struct buffer in;
};

static struct device *devices;
static int begun, connected, in_handshake;

void devices_load(void)
{
    FILE *file = fopen(options.users_file, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    if (!file)
        fail("cannot read %s", options.users_file);
    while ((length = getline(&line, &room, file)) > 0) {
        char *tab = strchr(line, '\t');
        if (!tab)
            fail("a line without a tab in %s", options.users_file);
        if (line[length - 1] == '\n')
            line[length - 1] = 0;
        *tab = 0;
        user_names = realloc(user_names, (users + 1) * sizeof *user_names);
        devices = realloc(devices, (users + 1) * sizeof *devices);
        user_names[users] = strdup(line);
        devices[users] = (struct device){.user = users, .sign_in = strdup(tab + 1)};
        users++;
    }
    free(line);
    fclose(file);
}

int devices_connected(void)
{
    return connected;
}

static void send_frame(struct device *device, int opcode, const char *data, size_t length)
{
    /* A mask of zeros is a legal mask, and the text stays as it is. */
    char frame[2048] = {(char)(0x80 | opcode)};
    size_t head = 2;

    if (length + 8 > sizeof frame)
        fail("a frame of %zu bytes is more than a device says", length);
    if (length < 126) {
        frame[1] = (char)(0x80 | length);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(length >> 8);
        frame[3] = (char)length;
        head = 4;
    }
    head += 4;
    memcpy(frame + head, data, length);
    /* Frames are tiny and the peer reads: a socket that does not take one at once counts as lost. */
    if (send(device->source.fd, frame, head + length, MSG_NOSIGNAL) != (ssize_t)(head + length))
        ledger_connection_lost("a device could not send");
}

static void close_device(struct device *device, const char *why)
{
    if (device->state != CONNECTED)
        fail("user %s was not let in: %s", user_names[device->user], why);
    ledger_connection_lost(why);
    connected--;
    device->state = GONE;
    close(device->source.fd);
}

static void read_numbers(struct device *device, const char *text, size_t length)
{
    static const char mark[] = "\"b-";
    uint64_t now = now_ns();
    const char *end = text + length;

    while ((text = memmem(text, (size_t)(end - text), mark, 3))) {
        uint32_t number = 0;
        const char *digit = text + 3;
        while (digit < end && *digit >= '0' && *digit <= '9')
            number = number * 10 + (uint32_t)(*digit++ - '0');
        if (digit - text == 11 && digit < end && *digit == '"')
            ledger_receive(device->user, number, now);
        text = digit;
    }
}

static void hear(struct device *device, const char *text, size_t length)
{
    if (length == 0)
        return;
    if (text[0] == '0') {
        send_frame(device, 1, device->sign_in, strlen(device->sign_in));
    } else if (text[0] == '2') {
        send_frame(device, 1, "3", 1);
    } else if (length >= 2 && text[0] == '4' && (text[1] == '4' || text[1] == '1')) {
        char copy[200];
        snprintf(copy, sizeof copy, "%.*s", (int)length, text);
        close_device(device, copy);
        return;
    } else if (device->state == CONNECTED) {
        read_numbers(device, text, length);
    }
    if (device->state == SIGNING_IN && length >= strlen(options.ready) &&
        memcmp(text, options.ready, strlen(options.ready)) == 0) {
        device->state = CONNECTED;
        connected++;
        in_handshake--;
    }
}

/* Handles the frame at the beginning of `data`; answers its size, or 0 when it is not complete yet. */
static size_t take_frame(struct device *device, const char *data, size_t length)
{
    const unsigned char *byte = (const unsigned char *)data;
    size_t head = 2, size;

    if (length < 2)
        return 0;
    size = byte[1] & 0x7f;
    if (size == 126) {
        head = 4;
        if (length < head)
            return 0;
        size = (size_t)byte[2] << 8 | byte[3];
    } else if (size == 127) {
        head = 10;
        if (length < head)
            return 0;
        size = 0;
        for (int i = 2; i < 10; i++)
            size = size << 8 | byte[i];
    }
    if (size > FRAME_LIMIT)
        fail("a frame of %zu bytes", size);
    if (length < head + size)
        return 0;
    switch (byte[0]) {
    case 0x81:
        hear(device, data + head, size);
        break;
    case 0x88:
        close_device(device, "the server closed a WebSocket");
        break;
    case 0x89:
        send_frame(device, 10, data + head, size);
        break;
    default:
        fail("a frame of an unexpected kind: 0x%02x", byte[0]);
    }
    return head + size;
}

static void take_frames(struct device *device)
{
    size_t done = 0, size;

    while (device->state != GONE &&
           (size = take_frame(device, device->in.data + done, device->in.length - done)))
        done += size;
    memmove(device->in.data, device->in.data + done, device->in.length - done);
    device->in.length -= done;
}

static void take_upgrade(struct device *device)
{
    char *end = memmem(device->in.data, device->in.length, "\r\n\r\n", 4);

    if (!end)
        return;
    if (memcmp(device->in.data, "HTTP/1.1 101", 12) != 0) {
        *end = 0;
        close_device(device, device->in.data);
        return;
    }
    end += 4;
    device->in.length -= (size_t)(end - device->in.data);
    memmove(device->in.data, end, device->in.length);
    device->state = SIGNING_IN;
}

static void device_ready(struct source *source, uint32_t events)
{
    struct device *device = (struct device *)source;
    ssize_t got;

    (void)events;
    reserve(&device->in, 4096);
    got = recv(source->fd, device->in.data + device->in.length, device->in.room - device->in.length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_device(device, got ? strerror(errno) : "the server closed a connection");
        return;
    }
    device->in.length += (size_t)got;
    if (device->state == UPGRADING)
        take_upgrade(device);
    if (device->state != UPGRADING)
        take_frames(device);
}

void devices_connect_more(void)
{
    char request[400];

    while (begun < users && in_handshake < HANDSHAKES_AT_ONCE) {
        struct device *device = &devices[begun++];
        int length = snprintf(request, sizeof request,
                              "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                              "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: aGFuZGJlbGwtYmVuY2gtMQ==\r\n\r\n",
                              options.port);
        device->source = (struct source){.ready = device_ready, .fd = open_connection()};
        in_handshake++;
        if (send(device->source.fd, request, (size_t)length, MSG_NOSIGNAL) != length)
            fail("a new connection does not take the request");
        watch(&device->source, EPOLLIN, true);
    }
}
