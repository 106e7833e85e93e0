#
# CodeRules.pm - what tidy asks of C: floors, names, shape, and who calls what
#
# Each rule takes a file as Source.pm reads it, whose {tree} has an index of
# all files, and returns [line, message] for each place that breaks it.
#
package CodeRules;

use strict;
use warnings;
use Exporter 'import';
use Source;
use Statements;

our @EXPORT = qw(
    floors inside outside file_names public_names static_names test_names
    typedefs documented length_of parameters nesting if_inside forward
    memory_door system_door atomics_door banned_call errno_door block_break);

my $MAX_LINES = 60;
my $MAX_PARAMETERS = 4;
my $MAX_NESTING = 3;

# A floor may include itself and what stands here: everything below it, but
# nothing beside it.
my %BELOW = (base => []);
$BELOW{$_} = ['base'] for qw(coro loop proto inspect);
$BELOW{task} = [qw(base coro loop proto inspect)];
$BELOW{$_} = [@{$BELOW{task}}, 'task'] for qw(sync io);
$BELOW{net} = [@{$BELOW{task}}, qw(task sync io)];
$BELOW{http} = [@{$BELOW{net}}, 'net'];

my %PLAIN_HEADER = map { ("$_.h" => 1) } qw(
    assert complex ctype errno fenv float inttypes iso646 limits locale math
    signal stdalign stdarg stdbool stddef stdint stdio stdlib stdnoreturn
    string time uchar wchar wctype
    sys/types sys/socket sys/uio sys/time netinet/in);

my %MEMORY = map { $_ => 1 } qw(
    malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf
    aligned_alloc posix_memalign memalign valloc pvalloc getline getdelim
    open_memstream);

my %SYSTEM = map { $_ => 1 } qw(
    open openat creat close close_range read pread readv preadv write pwrite
    writev pwritev lseek fsync fdatasync ftruncate fstat fstatat unlink dup
    dup2 dup3 pipe pipe2 fcntl ioctl socket socketpair accept accept4 connect
    bind listen shutdown getsockname getpeername getsockopt setsockopt send
    sendto sendmsg sendmmsg sendfile splice recv recvfrom recvmsg recvmmsg poll
    ppoll select pselect epoll_create epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 eventfd eventfd_read eventfd_write timerfd_create
    timerfd_settime timerfd_gettime signalfd inotify_init1 memfd_create mmap
    munmap mremap mprotect madvise mincore mlock munlock fork vfork clone
    clone3 unshare setns execl execlp execv execve execvp posix_spawn wait
    waitpid waitid kill tgkill tkill raise sigaction signal sigaltstack
    sigprocmask pthread_create pthread_sigmask
    pthread_kill sigwaitinfo sigtimedwait
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday sleep
    getrlimit setrlimit prlimit getrusage sysconf uname getpid gettid getppid
    sched_yield sched_getaffinity sched_setaffinity prctl arch_prctl getrandom
    getentropy syscall);

my $ATOMICS = '__atomic_\w+|__sync_\w+|_Atomic|memory_order_\w+|stdatomic\.h'
    . '|atomic_(?:load|store|exchange|compare_exchange|fetch|flag|init'
    . '|thread_fence|signal_fence|is_lock_free)\w*';

my %BANNED = map { $_ => 1 } qw(
    strcpy stpcpy strcat strncpy strncat sprintf vsprintf gets strtok alloca
    __builtin_alloca rand srand system popen usleep atoi atol atoll atof);
my %JUMP = map { $_ => 1 } qw(
    setjmp _setjmp sigsetjmp longjmp _longjmp siglongjmp);

# Out of a library that would end the process instead.
my $JUMPER = 'src/http/brotli.c';

# ---- The house ----------------------------------------------------------

sub floors {
    my ($file) = @_;
    my ($own, @found) = ($file->{floor});
    for (@{$file->{includes}}) {
        my ($line, $name, $quote) = @$_;
        my $floor = $quote eq '"' ? floor_inside($file, $name)
            : $name =~ /^fermata\b/ ? floor_public($file, $name) : $own;
        if (!$floor) {
            push @found, [$line, "no $name: write \"floor/file.h\""];
        } elsif ($floor ne $own && !grep { $_ eq $floor } @{$BELOW{$own}}) {
            push @found, [$line, "$own/ may not include $floor/ ($name)"];
        }
    }
    return @found;
}

sub floor_inside {
    my ($file, $name) = @_;
    my ($folder) = $file->{path} =~ m{^(.*)/};
    my ($found) = grep { $_ } @{$file->{tree}{files}}{"$folder/$name",
        "src/$name"};
    return $found && $found->{floor};
}

# A public header stands on the highest floor that implements a part of it.
sub floor_public {
    my ($file, $name) = @_;
    my $tree = $file->{tree};
    my $highest = $name eq 'fermata.h' ? 'http' : 'base';
    my $header = $tree->{files}{"include/$name"} or return;
    for (map { $tree->{defined}{$_->{name}} } @{$header->{prototypes}}) {
        $highest = $_ if $_ && @{$BELOW{$_}} > @{$BELOW{$highest}};
    }
    return $highest;
}

sub inside {
    my ($file) = @_;
    return map { [$_->[0], "$_->[1]: only <fermata/...>, C's own headers and "
        . 'POSIX types'] }
        grep { $_->[2] eq '"'
            || $_->[1] !~ m{^fermata/} && !$PLAIN_HEADER{$_->[1]} }
        @{$file->{includes}};
}

sub outside {
    my ($file) = @_;
    my $files = $file->{tree}{files};
    return map { [$_->[0], "$_->[1]: only <fermata.h>, <fermata/...> and the "
        . 'headers of the system'] }
        grep { $_->[2] eq '"' ? !is_beside($file, $_->[1])
            : $files->{"src/$_->[1]"} }
        @{$file->{includes}};
}

# Whether a header is in the same area of the tree.
sub is_beside {
    my ($file, $name) = @_;
    my $path = $file->{path} =~ s{[^/]+$}{$name}r;
    1 while $path =~ s{[^/]+/\.\./}{};
    return $file->{tree}{files}{$path} && $path =~ m{^\Q$file->{area}\E/};
}

sub file_names {
    my ($file) = @_;
    my ($first) = sort @{$file->{tree}{named}{$file->{name}}};
    return if $first eq $file->{path};
    return [1, "$first has the same name"];
}

sub public_names {
    my ($file) = @_;
    return $file->{area} eq 'include' ? names_in_header($file)
        : names_in_source($file);
}

sub names_in_header {
    my ($file) = @_;
    my @found = map { [$_->{line}, "$_->{name} is declared without FM_API"] }
        grep { !$_->{api} && !$_->{static} } @{$file->{prototypes}};
    push @found, map { [$_->{line}, "$_->{name} is not fm_noun_verb"] }
        grep { $_->{name} !~ /^fm__?[a-z0-9]+(?:_[a-z0-9]+)*$/ }
        @{$file->{prototypes}}, @{$file->{functions}};
    for (grep { $_->[1] eq 'define' } @{$file->{directives}}) {
        my ($line, $name) = ($_->[0], $_->[2] =~ /^(\w+)/);
        push @found, [$line, "macro $name is not FM_..., fm_... or FERMATA_..."]
            if $name !~ /^(?:FM_|fm_|FERMATA_)/;
    }
    return @found;
}

# The sanitizers call functions of ours by names of theirs.
sub names_in_source {
    my ($file) = @_;
    my @found;
    for (grep { !$_->{static} } @{$file->{functions}}) {
        my ($name, $line) = @$_{qw(name line)};
        my $header = $file->{tree}{declared}{$name};
        next if $name =~ /^__[a-z]+san_/;
        if ($name !~ /^fm__?[a-z0-9]+(?:_[a-z0-9]+)*$/) {
            push @found, [$line, "$name is neither static nor fm_..., fm__..."];
        } elsif ($name !~ /^fm__/
            && (!$header || $header->{area} ne 'include')) {
            push @found, [$line, "$name is in no public header"];
        }
    }
    return @found;
}

# What a header shares is fm__..., also when it is static inline.
sub static_names {
    my ($file) = @_;
    my ($noun) = $file->{stem} =~ /^([^_]+)/;
    my $shared = $file->{area} eq 'src' && $file->{name} =~ /\.h$/;
    my $prefix = $shared ? 'fm__' : "${noun}_";
    return map { [$_->{line}, "$_->{name} does not begin with $prefix"] }
        grep { $_->{static} && index($_->{name}, $prefix) != 0
            && $_->{name} ne $noun } @{$file->{functions}};
}

sub test_names {
    my ($file) = @_;
    my @found;
    for (grep { $_->{name} eq 'TEST' } @{$file->{functions}}) {
        my $name = $file->{tokens}[$_->{open_list} + 1];
        push @found, [$_->{line}, "$name is not a promise in_three_words"]
            if $name !~ /^[a-z0-9]+(?:_[a-z0-9]+){2,}$/;
    }
    return @found;
}

sub typedefs {
    my ($file) = @_;
    return each_code($file, qr/^\s*typedef\s+(struct|union|enum)\b[^(]*$/,
        'a typedef of a % means a public type; spell it out');
}

# Two underscores are private; a macro in capitals is a block or an attribute.
sub documented {
    my ($file) = @_;
    my @public = grep { $_->{api} } @{$file->{prototypes}};
    for (grep { $_->[1] eq 'define' } @{$file->{directives}}) {
        my ($line, $name) = ($_->[0], $_->[2] =~ /^(\w+)\(/);
        push @public, {name => $name, line => $line, void => uc $name eq $name}
            if $name;
    }
    my @found;
    for (grep { $_->{name} !~ /__/ } @public) {
        my ($name, $line) = @$_{qw(name line)};
        my $comment = comment_above($file, $line);
        if ($comment !~ m{\w[)"`]?[.!?](?:\s|\*/)}) {
            push @found, [$line, "$name has no sentence in a comment above"];
        } elsif (!$_->{void} && $comment !~ /\bReturns\b/) {
            push @found, [$line, "the comment of $name lacks what it Returns"];
        }
    }
    return @found;
}

# ---- Functions ----------------------------------------------------------

sub length_of {
    my ($file) = @_;
    my @found;
    for (@{$file->{functions}}) {
        my $lines = last_line($file, $_) - $_->{line} + 1;
        push @found, [$_->{line}, "$_->{name} has $lines lines, the limit is "
            . $MAX_LINES] if $lines > $MAX_LINES
            && comment_above($file, $_->{line}) !~ /\blong: \w/;
    }
    return @found;
}

# A function that a header declares answers for its parameters there; what
# only the public macros call is never written by hand.
sub parameters {
    my ($file) = @_;
    my @found;
    for (@{$file->{prototypes}},
        grep { $_->{static} || !$file->{tree}{declared}{$_->{name}} }
        @{$file->{functions}}) {
        my $count = count_parameters($file, $_->{open_list});
        next if $count <= $MAX_PARAMETERS || $_->{api} && $_->{name} =~ /^fm__/;
        push @found, [$_->{line}, "$_->{name} has $count parameters, the "
            . "limit is $MAX_PARAMETERS"]
            if comment_above($file, $_->{line}) !~ /\bwide: \w/;
    }
    return @found;
}

sub count_parameters {
    my ($file, $open) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my $count = 0;
    for (my $i = $open + 1; $i < $partner->[$open]; $i++) {
        $count++ if $tokens->[$i - 1] =~ /^[(,]$/ && $tokens->[$i] ne '...';
        $i = $partner->[$i] if $tokens->[$i] =~ /^[([{]$/;
    }
    return $count;
}

sub nesting {
    my ($file) = @_;
    return map {
        my $name = $_->{name};
        map { [$_, "a block within $MAX_NESTING others in $name"] }
            deep_blocks($file, $_, $MAX_NESTING);
    } @{$file->{functions}};
}

sub if_inside {
    my ($file) = @_;
    my @ifs = grep { $_->[1] =~ /^if/ } @{$file->{directives}};
    my @found;
    for my $function (@ifs ? @{$file->{functions}} : ()) {
        my ($first, $last) = ($function->{line}, last_line($file, $function));
        push @found, map { [$_->[0], "#$_->[1] inside $function->{name}"] }
            grep { $_->[0] > $first && $_->[0] < $last } @ifs;
    }
    return @found;
}

sub forward {
    my ($file) = @_;
    return map { [$_->{line}, "$_->{name} is declared ahead; move it up"] }
        grep { $_->{static} } @{$file->{prototypes}};
}

sub block_break {
    my ($file) = @_;
    return map {
        my ($line, $word, $block, $around) = @$_;
        [$line, "$word leaves only the $block block, not the $around around it"]
    } lost_jumps($file);
}

# ---- Calls --------------------------------------------------------------

# Each match in the code, its group put where the message has a percent sign.
sub each_code {
    my ($file, $pattern, $message) = @_;
    my ($code, @found) = ($file->{code});
    for my $i (0 .. $#$code) {
        while ($code->[$i] =~ /$pattern/g) {
            my $match = $1;
            push @found, [$i + 1, $message =~ s/%/$match/r];
        }
    }
    return @found;
}

sub calls {
    my ($file, $names, $message) = @_;
    return map { [$_->[0], "$_->[1] $message"] }
        grep { $names->{$_->[1]} } @{$file->{calls}};
}

sub memory_door {
    my ($file) = @_;
    return if $file->{path} eq 'src/base/memory.c';
    return calls($file, \%MEMORY, 'outside src/base/memory.c');
}

sub system_door {
    my ($file) = @_;
    return if $file->{path} =~ m{^src/base/(sys(_\w+)?|thread)\.[ch]$};
    return calls($file, \%SYSTEM, 'outside src/base/sys*.c');
}

sub atomics_door {
    my ($file) = @_;
    return if $file->{path} eq 'src/base/atomic.h';
    return each_code($file, qr/\b($ATOMICS)\b/, '% outside src/base/atomic.h');
}

sub banned_call {
    my ($file) = @_;
    my $jumps = $file->{area} eq 'tests' || $file->{path} eq $JUMPER;
    my %names = $jumps ? %BANNED : (%BANNED, %JUMP);
    return calls($file, \%names, 'is banned');
}

sub errno_door {
    my ($file) = @_;
    return if $file->{floor} eq 'base';
    return each_code($file, qr/(?<![\w.<])(?<!->)(errno)\b/,
        '% outside src/base/');
}

1;
