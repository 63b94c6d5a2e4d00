import com.almworks.sqlite4java.SQLiteConnection;
import com.almworks.sqlite4java.SQLiteJob;
import com.almworks.sqlite4java.SQLiteQueue;
import com.almworks.sqlite4java.SQLiteStatement;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deletes all items, stream records and remembered transactions of DynamoDB Local; tables, indexes and streams stay.
 *
 * <p>One DELETE without a condition for each table, which SQLite does at once whatever its size, in the queue in which
 * DynamoDB Local itself has its turn with the database. Deleting by its API takes milliseconds an item and writes a
 * stream record for each.
 */
final class Truncation extends SQLiteJob<Boolean> {
    private static final String LOCAL = "com.amazonaws.services.dynamodbv2.local.";
    private static final String ACCESS = LOCAL + "shared.access.sqlite.SQLiteDBAccess";
    private static final String RECORDS = "us";
    // Configuration, tables, streams and shards; and stream records, which have a DELETE of their own.
    private static final Set<String> KEPT = Set.of("cf", "dm", "sm", "ss", RECORDS);
    // A reader that stands before a shard's first record gets a TrimmedDataAccessException. So the first one of each
    // shard keeps its number, and gets a stream that does not exist: nobody is given it.
    private static final String HIDE_FIRST_RECORDS =
            "UPDATE " + RECORDS + " SET StreamID = '', StreamRecord = x'' WHERE SequenceNumber IN"
                    + " (SELECT MIN(SequenceNumber) FROM " + RECORDS + " GROUP BY ShardID)";
    private static final long BETWEEN_ATTEMPTS_MS = 5;

    private Truncation() {}

    /** Truncates every database that {@code server} has opened; waits while a transaction of its own is open. */
    static void run(Object server) throws Exception {
        for (Object access : find(server)) {
            Field queue = Class.forName(ACCESS).getDeclaredField("queue");
            queue.setAccessible(true);
            while (!((SQLiteQueue) queue.get(access)).execute(new Truncation()).complete()) {
                Thread.sleep(BETWEEN_ATTEMPTS_MS);
            }
        }
    }

    /** Whether it was done: not within somebody's transaction, whose end could undo it. */
    @Override
    protected Boolean job(SQLiteConnection connection) throws Throwable {
        if (!connection.getAutoCommit()) {
            return false;
        }
        List<String> names = new ArrayList<>();
        SQLiteStatement tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'", false);
        try {
            while (tables.step()) {
                names.add(tables.columnString(0));
            }
        } finally {
            tables.dispose();
        }
        names.removeAll(KEPT);
        connection.exec("BEGIN");
        connection.exec(HIDE_FIRST_RECORDS);
        connection.exec("DELETE FROM " + RECORDS + " WHERE StreamID <> ''");
        for (String name : names) {
            connection.exec("DELETE FROM \"" + name + "\"");
        }
        connection.exec("COMMIT");
        return true;
    }

    /** The objects that hold the databases, wherever DynamoDB Local's server keeps them. */
    private static List<Object> find(Object server) throws IllegalAccessException {
        List<Object> found = new ArrayList<>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> left = new ArrayDeque<>(List.of(server));
        while (!left.isEmpty()) {
            Object next = left.pop();
            if (next instanceof Map) {
                left.addAll(((Map<?, ?>) next).values());
            } else if (next.getClass().getName().equals(ACCESS)) {
                if (seen.add(next)) {
                    found.add(next);
                }
            } else if (next.getClass().getName().startsWith(LOCAL) && seen.add(next)) {
                left.addAll(fields(next));
            }
        }
        return found;
    }

    private static List<Object> fields(Object object) throws IllegalAccessException {
        List<Object> values = new ArrayList<>();
        for (Class<?> type = object.getClass(); type.getName().startsWith(LOCAL); type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                field.setAccessible(true);
                Object value = field.getType().isPrimitive() ? null : field.get(object);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        return values;
    }
}
