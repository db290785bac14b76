/*
 * The load generator: N devices that listen and M producers that post, in one process and one thread.
 *
 * A benchmark of a server is only worth something when the measuring side is much cheaper than the measured one, so
 * this is C on epoll: a notification costs it a few microseconds. It speaks exactly what the servers under test speak:
 * HTTP/1.1 with keep-alive, and Socket.IO 5 over Engine.IO 4 over WebSocket.
 *
 * Every notification carries a number in its title ("b-00000123"). The ledger knows to whom each number was sent, when,
 * whether the server accepted it, and how often it arrived; so a run measures speed and at the same time proves that
 * nothing was lost, doubled or handed to somebody else. The number is found in the text of the frame, which is cheaper
 * than parsing JSON and indifferent to the shape of each server's events.
 *
 *   main.c      options, phases (connect, warm up, measure, drain), the event loop
 *   device.c    a connected device
 *   producer.c  a producer's keep-alive connection
 *   ledger.c    what was sent and received, latencies, the result
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVERYONE = -1 };

struct options {
    int port;
    const char *users_file;  /* one line per device: the user's name, a tab, the Socket.IO CONNECT packet */
    const char *ready;       /* a device is connected when a message begins with this */
    const char *path;        /* where producers POST */
    const char *header;      /* one further header line, or "" */
    const char *item;        /* one notification; @user@ and @title@ are filled in */
    const char *before;      /* what encloses the items of a batch */
    const char *after;
    int batch;               /* notifications per POST */
    bool broadcast;          /* each notification is for everyone */
    int producers;
    double rate;             /* POSTs per second from a fixed schedule; 0: as fast as answers come */
    double warm_up, seconds, drain;
    uint64_t seed;
    bool idle;               /* connect, then only stay until stdin closes */
};

/* What epoll points at; the first member of a device and of a producer. */
struct source {
    void (*ready)(struct source *, uint32_t events);
    int fd;
};

struct buffer {
    char *data;
    size_t length, room;
};

extern struct options options;
extern int users;
extern char **user_names;

/* main.c */
uint64_t now_ns(void);
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
int open_connection(void);
void watch(struct source *source, uint32_t events, bool is_new);
void reserve(struct buffer *buffer, size_t more);
void append(struct buffer *buffer, const char *data, size_t length);

/* device.c */
void devices_load(void);
void devices_connect_more(void);
int devices_connected(void);

/* producer.c */
void producers_start(uint64_t at);
void producers_stop(void);
void producers_tick(uint64_t now);
bool producers_resting(void);
bool producers_quiet(void);

/* ledger.c */
uint32_t ledger_send(int user, uint64_t at);
void ledger_answered(uint32_t first, uint32_t count, int status, bool refused, uint64_t begun, const char *text);
void ledger_receive(int user, uint32_t number, uint64_t at);
void ledger_connection_lost(const char *which);
void ledger_measure(bool on, uint64_t at);
bool ledger_complete(void);
uint64_t ledger_answers(void);
uint64_t ledger_received(void);
void ledger_report(void);

#endif
