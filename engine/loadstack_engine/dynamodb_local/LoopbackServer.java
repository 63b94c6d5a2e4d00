import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * DynamoDB Local that listens on 127.0.0.1 only, and takes orders.
 *
 * <p>With {@code -Dloadstack.orders=true} it reads its standard input: at its end the server ends too, so that it never
 * outlives who started it; the line {@code truncate} deletes all items and is answered by a line of its own.
 *
 * <p>Its own main class binds every interface and has no option for the address, so this one builds the same server
 * from the same arguments, sets the host of its Jetty connectors and starts it. Everything is reached by reflection:
 * the class fits DynamoDB Local's 1.x and 2.x jars.
 *
 * <p>Build, with DynamoDB Local's libraries: {@code javac --release 11 -cp sqlite4java.jar *.java}
 */
public final class LoopbackServer {
    private static final String RUNNER = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";

    private LoopbackServer() {}

    public static void main(String[] args) throws Exception {
        Object proxy = Class.forName(RUNNER)
                .getMethod("createServerFromCommandLineArgs", String[].class)
                .invoke(null, (Object) args);
        if (bindConnectors(jettyOf(proxy)) == 0) {
            throw new IllegalStateException("DynamoDB Local has no network connector to bind to 127.0.0.1");
        }
        proxy.getClass().getMethod("start").invoke(proxy);
        if (Boolean.getBoolean("loadstack.orders")) {
            Thread orders = new Thread(() -> takeOrders(proxy), "orders");
            orders.setDaemon(true);
            orders.start();
        }
        proxy.getClass().getMethod("join").invoke(proxy);
    }

    private static void takeOrders(Object proxy) {
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println(answer(order, proxy));
            }
        } catch (IOException unreadable) {
            System.err.println(unreadable);
        }
        Runtime.getRuntime().halt(0);
    }

    private static String answer(String order, Object proxy) {
        try {
            if (!order.equals("truncate")) {
                return "loadstack: no such order: " + order;
            }
            Truncation.run(proxy);
            return "loadstack: truncated";
        } catch (Exception | LinkageError failure) {
            return "loadstack: failed: " + failure;
        }
    }

    private static Object jettyOf(Object proxy) throws IllegalAccessException {
        for (Field field : proxy.getClass().getDeclaredFields()) {
            if (field.getType().getName().equals("org.eclipse.jetty.server.Server")) {
                field.setAccessible(true);
                return field.get(proxy);
            }
        }
        throw new IllegalStateException("DynamoDB Local's proxy server holds no Jetty server");
    }

    private static int bindConnectors(Object jetty) throws Exception {
        int bound = 0;
        for (Object connector : (Object[]) jetty.getClass().getMethod("getConnectors").invoke(jetty)) {
            Method setHost = connector.getClass().getMethod("setHost", String.class);
            setHost.invoke(connector, "127.0.0.1");
            bound++;
        }
        return bound;
    }
}
