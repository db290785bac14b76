/* What was sent, accepted and received; latencies; the result as one line of JSON. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct entry {
    uint64_t at;
    int32_t user;
    bool accepted;
    uint8_t *times; /* how often each user received it; a single byte when it was for one user */
};

struct samples {
    uint32_t *value; /* microseconds */
    size_t count, room;
};

static struct entry *entries;
static uint32_t entry_count, entry_room;
static struct samples delivery, answer;
static bool measuring;
static uint64_t answers, received, measured_from, measured_ns, posts, deliveries;
static uint64_t http_errors, refusals, connections_lost, misdirected;
static double cpu_from, cpu_used;
static char first_error[240];

static double cpu_seconds(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void add_sample(struct samples *samples, uint64_t ns)
{
    if (samples->count == samples->room) {
        samples->room = samples->room ? samples->room * 2 : 1 << 16;
        samples->value = realloc(samples->value, samples->room * sizeof *samples->value);
    }
    samples->value[samples->count++] = (uint32_t)(ns / 1000);
}

static void remember_error(const char *text)
{
    if (*first_error)
        return;
    /* JSON must survive whatever a server says. */
    size_t i = 0;
    for (; text[i] && i < sizeof first_error - 1; i++)
        first_error[i] = (text[i] < ' ' || text[i] == '"' || text[i] == '\\' || text[i] > '~') ? ' ' : text[i];
    first_error[i] = 0;
}

uint32_t ledger_send(int user, uint64_t at)
{
    if (entry_count == entry_room) {
        entry_room = entry_room ? entry_room * 2 : 1 << 16;
        entries = realloc(entries, entry_room * sizeof *entries);
    }
    entries[entry_count] = (struct entry){
        .at = at, .user = user, .times = calloc(user == EVERYONE ? (size_t)users : 1, 1)};
    return entry_count++;
}

void ledger_answered(uint32_t first, uint32_t count, int status, bool refused, uint64_t begun, const char *text)
{
    bool ok = status >= 200 && status < 300;

    answers++;
    if (refused) {
        refusals++;
        return; // neither a POST that was carried out nor a mistake: the server has enough, and said until when
    }
    for (uint32_t i = 0; ok && i < count; i++)
        entries[first + i].accepted = true;
    if (!ok) {
        char error[sizeof first_error];
        snprintf(error, sizeof error, "status %d: %s", status, text);
        http_errors++;
        remember_error(error);
    }
    if (measuring) {
        posts++;
        add_sample(&answer, now_ns() - begun);
    }
}

void ledger_receive(int user, uint32_t number, uint64_t at)
{
    struct entry *entry = &entries[number];

    if (number >= entry_count || (entry->user != EVERYONE && entry->user != user)) {
        misdirected++;
        return;
    }
    received++;
    uint8_t *times = &entry->times[entry->user == EVERYONE ? user : 0];
    if (*times < 255)
        ++*times;
    if (measuring && *times == 1) {
        deliveries++;
        add_sample(&delivery, at - entry->at);
    }
}

uint64_t ledger_answers(void)
{
    return answers;
}

uint64_t ledger_received(void)
{
    return received;
}

void ledger_connection_lost(const char *which)
{
    connections_lost++;
    remember_error(which);
}

void ledger_measure(bool on, uint64_t at)
{
    measuring = on;
    if (on) {
        measured_from = at;
        cpu_from = cpu_seconds();
    } else {
        measured_ns = at - measured_from;
        cpu_used = cpu_seconds() - cpu_from;
    }
}

static void count_entries(uint64_t *accepted, uint64_t *lost, uint64_t *doubled)
{
    *accepted = *lost = *doubled = 0;
    for (uint32_t i = 0; i < entry_count; i++) {
        int receivers = entries[i].user == EVERYONE ? users : 1;
        for (int j = 0; j < receivers; j++) {
            *accepted += entries[i].accepted;
            *lost += entries[i].accepted && entries[i].times[j] == 0;
            *doubled += entries[i].times[j] > 1;
        }
    }
}

bool ledger_complete(void)
{
    uint64_t accepted, lost, doubled;

    count_entries(&accepted, &lost, &doubled);
    return lost == 0;
}

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static void print_samples(const char *name, struct samples *samples)
{
    static const double shares[] = {0.50, 0.95, 0.99};
    static const char *const labels[] = {"p50", "p95", "p99"};

    if (samples->count)
        qsort(samples->value, samples->count, sizeof *samples->value, by_value);
    printf("\"%s\":{", name);
    for (int i = 0; i < 3; i++) {
        size_t index = (size_t)(shares[i] * (double)samples->count);
        printf("\"%s\":%.3f,", labels[i], samples->count ? samples->value[index] / 1000.0 : 0.0);
    }
    printf("\"max\":%.3f},", samples->count ? samples->value[samples->count - 1] / 1000.0 : 0.0);
}

void ledger_report(void)
{
    double seconds = (double)measured_ns / 1e9;
    uint64_t accepted, lost, doubled;

    count_entries(&accepted, &lost, &doubled);
    printf("{\"event\":\"result\",\"users\":%d,\"seconds\":%.3f,", users, seconds);
    print_samples("delivery_ms", &delivery);
    print_samples("answer_ms", &answer);
    printf("\"posts_per_s\":%.1f,\"deliveries_per_s\":%.1f,\"deliveries\":%llu,", (double)posts / seconds,
           (double)deliveries / seconds, (unsigned long long)deliveries);
    printf("\"expected\":%llu,\"lost\":%llu,\"doubled\":%llu,\"misdirected\":%llu,", (unsigned long long)accepted,
           (unsigned long long)lost, (unsigned long long)doubled, (unsigned long long)misdirected);
    printf("\"refused\":%llu,", (unsigned long long)refusals);
    printf("\"http_errors\":%llu,\"connections_lost\":%llu,\"first_error\":\"%s\",",
           (unsigned long long)http_errors, (unsigned long long)connections_lost, first_error);
    printf("\"generator_cpu\":%.3f}\n", cpu_used / seconds);
    fflush(stdout);
}
