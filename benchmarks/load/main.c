/* Options, the phases of a run and the event loop. Says what it does on stdout, one JSON object a line. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 256, CONNECT_SECONDS = 60, ALIGN_SECONDS = 5 };
#define DRAIN_AT_MOST_NS 300000000000ULL

struct options options = {
    .ready = "40", .path = "/", .header = "", .item = "", .before = "", .after = "",
    .batch = 1, .producers = 32, .warm_up = 2, .seconds = 6, .drain = 10, .seed = 1,
};
int users;
char **user_names;

static int epoll;
static struct source clock_source; /* wakes the loop when the next scheduled POST is due */

uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

int open_connection(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("cannot connect to port %d: %s", options.port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

void watch(struct source *source, uint32_t events, bool is_new)
{
    struct epoll_event event = {.events = events, .data.ptr = source};

    if (epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, source->fd, &event) < 0)
        fail("epoll_ctl: %s", strerror(errno));
}

void reserve(struct buffer *buffer, size_t more)
{
    if (buffer->room - buffer->length >= more)
        return;
    buffer->room = (buffer->length + more) * 2;
    buffer->data = realloc(buffer->data, buffer->room);
    if (!buffer->data)
        fail("out of memory");
}

void append(struct buffer *buffer, const char *data, size_t length)
{
    if (length == 0)
        return;
    reserve(buffer, length);
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

static void turn(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, 10);

    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
    if (producers_resting())
        producers_tick(now_ns());
}

static void say(const char *event)
{
    printf("{\"event\":\"%s\"}\n", event);
    fflush(stdout);
}

static void clock_ready(struct source *source, uint32_t events)
{
    uint64_t expirations;

    (void)events;
    if (read(source->fd, &expirations, sizeof expirations) > 0)
        producers_tick(now_ns());
}

static void start_clock(void)
{
    long period = (long)(1e9 / options.rate);
    struct itimerspec every = {
        .it_interval = {.tv_sec = period / 1000000000, .tv_nsec = period % 1000000000},
        .it_value = {.tv_nsec = 1},
    };

    clock_source = (struct source){.ready = clock_ready, .fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)};
    timerfd_settime(clock_source.fd, 0, &every, NULL);
    watch(&clock_source, EPOLLIN, true);
}

static void connect_all(void)
{
    int seconds = CONNECT_SECONDS + users / 20; // thousands that come at once are let in one after the other
    uint64_t deadline = now_ns() + (uint64_t)seconds * 1000000000ULL;

    while (devices_connected() < users) {
        devices_connect_more();
        turn();
        if (now_ns() > deadline)
            fail("only %d of %d devices were connected in %d s", devices_connected(), users, seconds);
    }
    say("connected");
}

static void turn_until(uint64_t deadline)
{
    while (now_ns() < deadline)
        turn();
}

static void stay_idle(void)
{
    struct pollfd in = {.fd = 0, .events = POLLIN};
    uint64_t deadline = now_ns() + (uint64_t)(options.seconds * 1e9);

    while (now_ns() < deadline && poll(&in, 1, 0) == 0)
        turn();
}

/*
 * Begins or ends the measurement with an answer. Big batches are answered seconds apart, and a window that is cut
 * anywhere would hold one of them more or less by chance.
 */
static void turn_until_answer(void)
{
    uint64_t before = ledger_answers(), deadline = now_ns() + ALIGN_SECONDS * 1000000000ULL;

    while (ledger_answers() == before && now_ns() < deadline)
        turn();
}

/* What was accepted may be delivered long after: it counts as lost when nothing has come for a while. */
static void drain(void)
{
    uint64_t seen = 0, until = 0, at_most = now_ns() + DRAIN_AT_MOST_NS;

    while (now_ns() < at_most && !(producers_quiet() && ledger_complete())) {
        if (until == 0 || ledger_received() != seen) {
            seen = ledger_received();
            until = now_ns() + (uint64_t)(options.drain * 1e9);
        }
        if (now_ns() >= until)
            return;
        turn();
    }
}

static void drive(void)
{
    uint64_t start = now_ns(), from = start + (uint64_t)(options.warm_up * 1e9);

    if (options.rate > 0)
        start_clock();
    producers_start(start);
    turn_until(from);
    turn_until_answer();
    say("measuring");
    ledger_measure(true, now_ns());
    turn_until(now_ns() + (uint64_t)(options.seconds * 1e9));
    turn_until_answer();
    ledger_measure(false, now_ns());
    say("measured");
    producers_stop();
    drain();
    /* What arrives twice arrives late: listen a little longer than until all is there. */
    turn_until(now_ns() + 200000000ULL);
    ledger_report();
}

static void read_options(int count, char **words)
{
    static const struct option names[] = {
        {"port", 1, 0, 'p'},   {"users", 1, 0, 'u'},  {"ready", 1, 0, 'r'},     {"path", 1, 0, 'P'},
        {"header", 1, 0, 'H'}, {"item", 1, 0, 'i'},   {"before", 1, 0, 'b'},    {"after", 1, 0, 'a'},
        {"batch", 1, 0, 'n'},  {"broadcast", 0, 0, 'B'}, {"producers", 1, 0, 'c'}, {"rate", 1, 0, 'R'},
        {"warm-up", 1, 0, 'w'}, {"seconds", 1, 0, 's'}, {"drain", 1, 0, 'd'},   {"seed", 1, 0, 'S'},
        {"idle", 0, 0, 'I'},   {0},
    };
    int name;

    while ((name = getopt_long(count, words, "", names, NULL)) != -1) {
        switch (name) {
        case 'p': options.port = atoi(optarg); break;
        case 'u': options.users_file = optarg; break;
        case 'r': options.ready = optarg; break;
        case 'P': options.path = optarg; break;
        case 'H': options.header = optarg; break;
        case 'i': options.item = optarg; break;
        case 'b': options.before = optarg; break;
        case 'a': options.after = optarg; break;
        case 'n': options.batch = atoi(optarg); break;
        case 'B': options.broadcast = true; break;
        case 'c': options.producers = atoi(optarg); break;
        case 'R': options.rate = atof(optarg); break;
        case 'w': options.warm_up = atof(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'd': options.drain = atof(optarg); break;
        case 'S': options.seed = strtoull(optarg, NULL, 10); break;
        case 'I': options.idle = true; break;
        default: fail("see load.h for the options");
        }
    }
    if (!options.port || !options.users_file)
        fail("--port and --users are needed");
}

int main(int count, char **words)
{
    struct rlimit files;

    read_options(count, words);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    devices_load();
    connect_all();
    if (options.idle)
        stay_idle();
    else
        drive();
    return 0;
}
