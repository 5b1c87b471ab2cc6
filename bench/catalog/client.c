/* Asks an HTTP server over kept connections, either as fast as it answers or at a steady rate whatever it does.

   client PORT CONNECTIONS SECONDS RATE FILE

   FILE has a request a line: a path, or a JSON object that is posted to /batch/lookup. RATE is requests a second, 0 for as
   many as are answered. With a rate the time of an answer counts from when its request was due, not from when a connection
   was free for it, so that a server which stalls cannot hide it. Prints one line of JSON. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, MOST = 1 << 20 };

struct connection {
    int socket, idle;
    uint64_t due;
    const char *request;
    size_t length, sent, head, body, had;
    char data[ROOM];
};

static char **requests;
static size_t *lengths, count, next_request, times_room, times_count, errors, bytes;
static uint64_t *times;
static int poll_set, port;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void read_requests(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    requests = malloc(sizeof *requests * MOST);
    lengths = malloc(sizeof *lengths * MOST);
    while (count < MOST && (size = getline(&line, &room, file)) > 1) {
        line[--size] = 0;
        char *made = malloc((size_t)size + 200);
        int length = *line == '{'
            ? sprintf(made, "POST /batch/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zd\r\n\r\n%s", size, line)
            : sprintf(made, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", line);
        requests[count] = made;
        lengths[count++] = (size_t)length;
    }
    fclose(file);
    if (!count) die("no requests");
}

static void connect_to(struct connection *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->socket, (struct sockaddr *)&address, sizeof address)) die("connect");
    int on = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, c->socket, &event);
    c->idle = 1;
}

static void write_rest(struct connection *c) {
    ssize_t written = write(c->socket, c->request + c->sent, c->length - c->sent);
    if (written > 0) c->sent += (size_t)written;
    struct epoll_event event = {.events = EPOLLIN | (c->sent < c->length ? EPOLLOUT : 0), .data.ptr = c};
    if (c->sent < c->length || written < 0) epoll_ctl(poll_set, EPOLL_CTL_MOD, c->socket, &event);
}

static void ask(struct connection *c, uint64_t due) {
    c->request = requests[next_request];
    c->length = lengths[next_request];
    next_request = (next_request + 1) % count;
    c->due = due;
    c->sent = c->head = c->body = c->had = 0;
    c->idle = 0;
    write_rest(c);
}

/* Whether an answer is whole now. */
static int take(struct connection *c) {
    for (;;) {
        char *into = c->head ? c->data : c->data + c->had;
        ssize_t got = read(c->socket, into, c->head ? ROOM : ROOM - 1 - c->had);
        if (got < 0 && errno == EAGAIN) return 0;
        if (got <= 0) {
            errors++;
            epoll_ctl(poll_set, EPOLL_CTL_DEL, c->socket, NULL);
            close(c->socket);
            connect_to(c);
            return 0;
        }
        bytes += (size_t)got;
        c->had += (size_t)got;
        if (!c->head) {
            c->data[c->had] = 0;
            char *end = strstr(c->data, "\r\n\r\n");
            if (!end) continue;
            c->head = (size_t)(end - c->data) + 4;
            char *length = strcasestr(c->data, "\r\ncontent-length:");
            c->body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
            if (strncmp(c->data, "HTTP/1.1 200", 12)) errors++;
        }
        if (c->had >= c->head + c->body) return 1;
    }
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double ms(double part) {
    return times_count ? (double)times[(size_t)(part * (double)(times_count - 1))] / 1e6 : 0;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "client PORT CONNECTIONS SECONDS RATE FILE\n");
        return 2;
    }
    port = atoi(argv[1]);
    size_t number = (size_t)atoi(argv[2]), idle_count = 0, due_count = 0, asked = 0;
    double rate = atof(argv[4]);
    read_requests(argv[5]);
    poll_set = epoll_create1(0);
    struct connection *all = calloc(number, sizeof *all), **idle = malloc(number * sizeof *idle);
    times = malloc((times_room = 1 << 22) * sizeof *times);
    for (size_t i = 0; i < number; i++) {
        connect_to(&all[i]);
        idle[idle_count++] = &all[i];
    }
    uint64_t start = now(), end = start + (uint64_t)(atof(argv[3]) * 1e9), most_waiting = 0;
    struct epoll_event events[256];
    while (now() < end || idle_count < number) {
        uint64_t time = now();
        if (time > end + 30000000000u) break; /* who has not answered by now will not */
        if (rate > 0) {
            due_count = (size_t)((double)((time < end ? time : end) - start) / 1e9 * rate);
            if (due_count - asked > most_waiting) most_waiting = due_count - asked;
            while (asked < due_count && idle_count) {
                ask(idle[--idle_count], start + (uint64_t)((double)asked / rate * 1e9));
                asked++;
            }
        } else {
            while (time < end && idle_count) ask(idle[--idle_count], now());
        }
        int ready = epoll_wait(poll_set, events, 256, rate > 0 ? 0 : 100);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->idle) continue;
            if (events[i].events & EPOLLOUT) write_rest(c);
            if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || (!take(c) && !c->idle)) continue;
            if (!c->idle && times_count < times_room) times[times_count++] = now() - c->due;
            c->idle = 1;
            idle[idle_count++] = c;
        }
        if (rate > 0 && !ready) {
            struct timespec pause = {0, 20000};
            nanosleep(&pause, NULL);
        }
    }
    double seconds = (double)(now() - start) / 1e9;
    qsort(times, times_count, sizeof *times, by_size);
    printf("{\"requests\": %zu, \"errors\": %zu, \"unanswered\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"mb\": %.1f, "
           "\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f, \"most_waiting\": %llu}\n",
           times_count, errors, number - idle_count, seconds, (double)times_count / seconds, (double)bytes / 1e6, ms(.5), ms(.9),
           ms(.99), ms(.999), ms(1), (unsigned long long)most_waiting);
    return 0;
}
