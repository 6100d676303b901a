// Functions of SQLite whose time or stack is not bounded by the length of what they are given, in
// forms that are. They are not interrupted within one call, so a client's statement could not be
// ended. What they return is what SQLite's own return.

#define _GNU_SOURCE
#include "CSQLiteSwitches.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
/// Marks a value that is JSON already, as SQLite's own functions do among one another.
#define JSON_SUBTYPE 74
#define ARGUMENTS_MAX 127

/// What the functions of one connection share: another connection, in which SQLite's own forms are
/// called.
typedef struct {
    sqlite3 *helper;
    int users;
} shared_helper;

typedef struct {
    shared_helper *shared;
    const char *name;
} delegated;

static int is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/// instr(X, Y): the search itself is linear in the lengths of both (memmem), where SQLite's
/// compares at each place.
static void find(sqlite3_context *context, int count, sqlite3_value **arguments) {
    (void)count;
    sqlite3_value *copies[2] = {NULL, NULL};
    const unsigned char *bytes[2];
    int lengths[2], is_text = 0;
    for (int i = 0; i < 2; i++) {
        int type = sqlite3_value_type(arguments[i]);
        if (type == SQLITE_NULL) return;
        if (type != SQLITE_BLOB) is_text = 1;
    }
    for (int i = 0; i < 2; i++) {
        if (!is_text) {
            bytes[i] = sqlite3_value_blob(arguments[i]);
        } else if (sqlite3_value_type(arguments[i]) == SQLITE_BLOB) {
            // A blob beside a text counts as text; the argument itself stays what it is.
            copies[i] = sqlite3_value_dup(arguments[i]);
            bytes[i] = copies[i] ? sqlite3_value_text(copies[i]) : NULL;
        } else {
            bytes[i] = sqlite3_value_text(arguments[i]);
        }
        lengths[i] = sqlite3_value_bytes(copies[i] ? copies[i] : arguments[i]);
    }
    sqlite3_int64 position = 0;
    if (lengths[1] == 0) {
        position = 1;
    } else if ((lengths[0] > 0 && !bytes[0]) || !bytes[1]) {
        sqlite3_result_error_nomem(context);
        goto end;
    } else if (lengths[0] >= lengths[1]) {
        const unsigned char *hit;
        if (is_text && is_continuation(bytes[1][0])) {
            // No character begins so, but for a damaged first one.
            hit = memcmp(bytes[0], bytes[1], (size_t)lengths[1]) == 0 ? bytes[0] : NULL;
        } else {
            hit = memmem(bytes[0], (size_t)lengths[0], bytes[1], (size_t)lengths[1]);
        }
        if (hit) {
            position = 1;
            for (const unsigned char *byte = bytes[0] + 1; byte <= hit; byte++) {
                position += !(is_text && is_continuation(*byte));
            }
        }
    }
    sqlite3_result_int64(context, position);
end:
    sqlite3_value_free(copies[0]);
    sqlite3_value_free(copies[1]);
}

/// replace(X, Y, Z), with the same search.
static void substitute(sqlite3_context *context, int count, sqlite3_value **arguments) {
    (void)count;
    const char *text[3];
    size_t length[3];
    for (int i = 0; i < 3; i++) {
        // In SQLite's order: nothing to look for gives X, whatever Z is.
        if (i == 2 && text[1][0] == 0) return sqlite3_result_value(context, arguments[0]);
        if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return;
        text[i] = (const char *)sqlite3_value_text(arguments[i]);
        length[i] = (size_t)sqlite3_value_bytes(arguments[i]);
        if (!text[i]) return sqlite3_result_error_nomem(context);
    }
    const char *end = text[0] + length[0];
    sqlite3_uint64 hits = 0;
    for (const char *at = text[0]; (at = memmem(at, (size_t)(end - at), text[1], length[1])); at += length[1]) hits++;
    sqlite3_uint64 size = length[0] - hits * length[1] + hits * length[2];
    if (size > (sqlite3_uint64)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1)) {
        return sqlite3_result_error_toobig(context);
    }
    char *result = sqlite3_malloc64(size + 1), *out = result;
    if (!result) return sqlite3_result_error_nomem(context);
    const char *from = text[0];
    for (const char *at; (at = memmem(from, (size_t)(end - from), text[1], length[1])); from = at + length[1]) {
        memcpy(out, from, (size_t)(at - from));
        out += at - from;
        memcpy(out, text[2], length[2]);
        out += length[2];
    }
    memcpy(out, from, (size_t)(end - from));
    result[size] = 0;
    sqlite3_result_text64(context, result, size, sqlite3_free, SQLITE_UTF8);
}

/// Calls SQLite's own function of this name, in the other connection.
static void delegate(sqlite3_context *context, int count, sqlite3_value **arguments) {
    delegated *function = sqlite3_user_data(context);
    shared_helper *shared = function->shared;
    if (!shared->helper && sqlite3_open(":memory:", &shared->helper) != SQLITE_OK) {
        sqlite3_close(shared->helper);
        shared->helper = NULL;
        return sqlite3_result_error_nomem(context);
    }
    sqlite3 *outer = sqlite3_context_db_handle(context);
    sqlite3_limit(shared->helper, SQLITE_LIMIT_LENGTH, sqlite3_limit(outer, SQLITE_LIMIT_LENGTH, -1));
    char sql[32 + ARGUMENTS_MAX * 12];
    int used = snprintf(sql, sizeof sql, "SELECT %s(", function->name);
    for (int i = 0; i < count; i++) {
        const char *form = sqlite3_value_subtype(arguments[i]) == JSON_SUBTYPE ? "%sjson(?%d)" : "%s?%d";
        used += snprintf(sql + used, sizeof sql - (size_t)used, form, i ? "," : "", i + 1);
    }
    snprintf(sql + used, sizeof sql - (size_t)used, ")");
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(shared->helper, sql, -1, &statement, NULL);
    for (int i = 0; i < count && result == SQLITE_OK; i++) result = sqlite3_bind_value(statement, i + 1, arguments[i]);
    if (result == SQLITE_OK) result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
        if (strncmp(function->name, "json", 4) == 0) sqlite3_result_subtype(context, JSON_SUBTYPE);
    } else if (result == SQLITE_TOOBIG) {
        sqlite3_result_error_toobig(context);
    } else if (result == SQLITE_NOMEM) {
        sqlite3_result_error_nomem(context);
    } else {
        sqlite3_result_error(context, sqlite3_errmsg(shared->helper), -1);
    }
    sqlite3_finalize(statement);
}

/// trim(X, Y), ltrim, rtrim: SQLite compares each character of X with each of Y.
static void trim(sqlite3_context *context, int count, sqlite3_value **arguments) {
    if (sqlite3_value_bytes(arguments[1]) > PARKSYNC_PATTERN_BYTES_MAX) {
        const char *error = "the characters to trim are more than " PARKSYNC_PATTERN_BYTES_TEXT " bytes";
        return sqlite3_result_error(context, error, -1);
    }
    delegate(context, count, arguments);
}

/// json_set(X, P, V, ...) and json_insert: SQLite makes what a path names and is not there by one
/// call within another for each step.
static void set_paths(sqlite3_context *context, int count, sqlite3_value **arguments) {
    for (int i = 1; i < count; i += 2) {
        if (sqlite3_value_bytes(arguments[i]) > PARKSYNC_PATTERN_BYTES_MAX) {
            return sqlite3_result_error(context, "a JSON path has more than " PARKSYNC_PATTERN_BYTES_TEXT " bytes", -1);
        }
    }
    delegate(context, count, arguments);
}

/// json_patch(X, Y): SQLite compares each member of Y with each of X.
static void patch(sqlite3_context *context, int count, sqlite3_value **arguments) {
    sqlite3_int64 work = (sqlite3_int64)sqlite3_value_bytes(arguments[0]) * sqlite3_value_bytes(arguments[1]);
    if (work > PARKSYNC_PATCH_WORK_MAX) {
        const char *error = "json_patch of values of this length takes too long: the product of their bytes is limited";
        return sqlite3_result_error(context, error, -1);
    }
    delegate(context, count, arguments);
}

/// What a call of printf() comes to at most, beside its texts: the widths, and the precisions that
/// make characters.
///
/// SQLite repeats a character as often as its precision says, and goes on after the result has
/// become too long. Read as `sqlite3_str_vappendf` reads it, so that an asterisk means the same
/// argument.
typedef struct {
    sqlite3_value **arguments;
    int count, used;
} number_source;

static sqlite3_int64 next_number(number_source *source) {
    if (source->used >= source->count) return 0;
    int number = (int)sqlite3_value_int64(source->arguments[source->used++]);
    return number < 0 ? -(sqlite3_int64)number : number;
}

static sqlite3_int64 read_digits(const char **at) {
    unsigned number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) number = number * 10 + (unsigned)(**at - '0');
    return number & 0x7fffffff;
}

static sqlite3_int64 padding(const char *format, number_source source) {
    // Of these the precision says how much of a text is taken, at most.
    static const char cutting[] = "szqQw", others[] = "dcouxXfeEgGipr";
    sqlite3_int64 sum = 0;
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
        sqlite3_int64 width = 0, precision = 0;
        for (at++; *at && strchr("-+ #!0,", *at); at++) {}
        if (*at == '*') {
            width = next_number(&source);
            at++;
        } else {
            width = read_digits(&at);
        }
        if (*at == '.') {
            at++;
            if (*at == '*') {
                precision = next_number(&source);
                at++;
            } else {
                precision = read_digits(&at);
            }
        }
        for (int i = 0; i < 2 && *at == 'l'; i++) at++;
        // Anything else ends the call.
        if (!*at || !strchr("szqQwdcouxXfeEgGiprn%", *at)) break;
        if (strchr(cutting, *at) || strchr(others, *at)) source.used++;
        sum += width + (strchr(cutting, *at) ? 0 : precision);
        at++;
    }
    return sum;
}

/// Whether so many bytes fit a value. If not, that is the function's result.
static int fits(sqlite3_context *context, sqlite3_int64 bytes) {
    if (bytes <= sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1)) return 1;
    sqlite3_result_error_toobig(context);
    return 0;
}

/// printf(FORMAT, ...) and format(FORMAT, ...). Texts that make a number, or of which a part is
/// taken, are read through as well.
static void print(sqlite3_context *context, int count, sqlite3_value **arguments) {
    sqlite3_int64 sum = 0;
    for (int i = 0; i < count; i++) {
        int type = sqlite3_value_type(arguments[i]);
        if (type == SQLITE_TEXT || type == SQLITE_BLOB) sum += sqlite3_value_bytes(arguments[i]);
    }
    if (!fits(context, sum)) return;
    const char *format = count > 0 ? (const char *)sqlite3_value_text(arguments[0]) : NULL;
    if (!format) return;
    sqlite3_int64 width = padding(format, (number_source){arguments + 1, count - 1, 0});
    if (fits(context, width)) delegate(context, count, arguments);
}

static void release(void *data) {
    delegated *function = data;
    shared_helper *shared = function->shared;
    if (--shared->users == 0) {
        sqlite3_close(shared->helper);
        sqlite3_free(shared);
    }
    sqlite3_free(function);
}

typedef void (*scalar)(sqlite3_context *, int, sqlite3_value **);

int parksync_sqlite_guest_functions(void *connection) {
    static const struct {
        const char *name;
        int arguments;
        scalar body;
    } checked[] = {{"trim", 2, trim},           {"ltrim", 2, trim},           {"rtrim", 2, trim},
                   {"json_set", -1, set_paths}, {"json_insert", -1, set_paths}, {"json_patch", 2, patch},
                   {"printf", -1, print},       {"format", -1, print}};
    sqlite3 *db = connection;
    int result = sqlite3_create_function_v2(db, "instr", 2, FLAGS, NULL, find, NULL, NULL, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_create_function_v2(db, "replace", 3, FLAGS, NULL, substitute, NULL, NULL, NULL);
    }
    shared_helper *shared = sqlite3_malloc(sizeof *shared);
    if (!shared) return SQLITE_NOMEM;
    *shared = (shared_helper){NULL, 1};
    for (size_t i = 0; i < sizeof checked / sizeof *checked && result == SQLITE_OK; i++) {
        delegated *function = sqlite3_malloc(sizeof *function);
        if (!function) {
            result = SQLITE_NOMEM;
            break;
        }
        *function = (delegated){shared, checked[i].name};
        shared->users++;
        // Releases `function` also when it fails.
        result = sqlite3_create_function_v2(
            db, checked[i].name, checked[i].arguments, FLAGS, function, checked[i].body, NULL, NULL, release);
    }
    if (--shared->users == 0) sqlite3_free(shared);
    return result;
}
