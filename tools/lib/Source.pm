#
# Source.pm - reads one file, and C as far as a checker needs it
#
# Comments and strings are blanked first, then the C becomes a flat list of
# tokens with matching brackets, in which functions and prototypes are found.
# That is exact enough for formatted code and needs no compiler.
#
# read_source($where, $path) returns what the subs below fill in:
#
#   path name stem area floor kind text lines
#   code            the lines without comments, strings and characters
#   comments        [first line, last line, text]
#   directives      [line, name, rest]
#   includes        [line, name, '<' or '"']
#   calls           [line, name], also in macros: a bare name, no member,
#                   before a parenthesis
#   tokens line_of  each token and its line
#   partner         for the index of each bracket that of its other half
#   functions prototypes
#                   {name line open_list static api void}; functions also
#                   have `open`, the index of their brace
#
package Source;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(read_source kind_of last_line comment_above);

# Identifiers before a parenthesis that are not the name of a function.
my %NOT_A_NAME = map { $_ => 1 } qw(
    __attribute__ _Alignas alignas _Static_assert static_assert sizeof typeof
    __typeof__ __extension__ __asm__ asm defined _Atomic return);

sub kind_of {
    my ($path) = @_;
    return 'c' if $path =~ /\.[ch]$/;
    return 'asm' if $path =~ /\.S$/;
    return 'cmake' if $path =~ m{(?:^|/)CMakeLists\.txt$|\.cmake$};
    return 'text' if $path =~ /\.md$/;
    return 'script' if $path =~ /\.(?:sh|pl|pm|py)$/;
    return 'script' if $path =~ m{^(?:go|(?:tools|\.ci|tests/\w+)/\w+)$};
    return '';
}

sub read_source {
    my ($where, $path) = @_;
    open my $in, '<', $where or return;
    local $/;
    my $text = <$in>;

    my %file = (path => $path, kind => kind_of($path), text => $text // '');
    $file{area} = $path =~ m{^([^/]+)/} ? $1 : 'top';
    $file{floor} = $path =~ m{^src/([^/]+)/} ? $1 : '';
    ($file{name}) = $path =~ m{([^/]+)$};
    ($file{stem}) = $file{name} =~ /^([^.]*)/;
    $file{lines} = [split /\n/, $file{text}];
    read_c(\%file) if $file{kind} !~ /^(?:script|cmake|text)$/;
    return \%file;
}

sub read_c {
    my ($file) = @_;
    $file->{$_} = [] for qw(directives includes calls functions prototypes);
    blank($file);
    directives($file);
    calls($file);
    return if $file->{kind} eq 'asm';
    tokens($file);
    $file->{partner} = partners($file->{tokens});
    declarations($file, 0, scalar @{$file->{tokens}});
}

sub blank {
    my ($file) = @_;
    my ($text, @comments) = ($file->{text});
    my ($line, $seen, $code) = (1, 0, $text);

    $code =~ s{(/\*.*?\*/|//[^\n]*)|("(?:[^"\\\n]|\\.)*")
               |((?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*')}{
        my $found = $&;
        my $height = $found =~ tr/\n//;
        $line += substr($text, $seen, $-[0] - $seen) =~ tr/\n//;
        push @comments, [$line, $line + $height, $found] if defined $1;
        ($seen, $line) = ($+[0], $line + $height);
        (defined $1 ? ' ' : defined $2 ? '""' : '0') . "\n" x $height;
    }gsex;
    $file->{code} = [split /\n/, $code];
    $file->{comments} = \@comments;
    $file->{comment_ends} = {map { $_->[1] => $_ } @comments};
}

sub directives {
    my ($file) = @_;
    my ($code, $going_on) = ($file->{code}, 0);
    for my $i (0 .. $#$code) {
        if (!$going_on && $code->[$i] =~ /^\s*#\s*(\w+)\s*(.*)/) {
            push @{$file->{directives}}, [$i + 1, $1, $2];
            $going_on = 1;
        }
        $file->{covered}[$i] = $going_on;
        $going_on = $going_on && $code->[$i] =~ /\\$/;
    }
    for (@{$file->{directives}}) {
        my ($line, $name) = @$_;
        push @{$file->{includes}}, [$line, $2, $1]
            if $name eq 'include'
            && $file->{lines}[$line - 1] =~ /include\s*([<"])([^>"]+)/;
    }
}

sub calls {
    my ($file) = @_;
    my $code = $file->{code};
    for my $i (0 .. $#$code) {
        while ($code->[$i] =~ /(?<![\w.])(?<!->)([A-Za-z_]\w*)\s*\(/g) {
            push @{$file->{calls}}, [$i + 1, $1];
        }
    }
}

# Inside braces only the first branch of an #if counts: both may open a brace.
sub tokens {
    my ($file) = @_;
    my ($code, $covered) = @$file{qw(code covered)};
    my %directive = map { $_->[0] => $_->[1] } @{$file->{directives}};
    my ($depth, @ifs, @tokens, @line_of) = (0);

    for my $i (0 .. $#$code) {
        if ($covered->[$i]) {
            my $name = $directive{$i + 1} // '';
            push @ifs, {inside => $depth > 0} if $name =~ /^if/;
            $ifs[-1]{skip} = $ifs[-1]{inside} if @ifs && $name =~ /^el/;
            pop @ifs if $name eq 'endif';
            next;
        }
        next if grep { $_->{skip} } @ifs;
        my $line = $code->[$i];
        $depth += ($line =~ tr/{//) - ($line =~ tr/}//);
        $depth-- if $line =~ /^\s*extern\s*""\s*\{/;
        $depth = 0 if $depth < 0;
        while ($line =~ /(\w+|->|\.\.\.|""|\S)/g) {
            push @tokens, $1;
            push @line_of, $i + 1;
        }
    }
    $file->{tokens} = \@tokens;
    $file->{line_of} = \@line_of;
}

sub partners {
    my ($tokens) = @_;
    my (@open, @partner);
    my %closes = ('}' => '{', ')' => '(', ']' => '[');
    for my $i (0 .. $#$tokens) {
        my $token = $tokens->[$i];
        push @open, $i if $token eq '{' || $token eq '(' || $token eq '[';
        next if !$closes{$token};
        next if !@open || $tokens->[$open[-1]] ne $closes{$token};
        my $i_open = pop @open;
        @partner[$i_open, $i] = ($i, $i_open);
    }
    $partner[$_] = @$tokens for @open;
    return \@partner;
}

sub declarations {
    my ($file, $i, $end) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};

    for (my $start = $i; $i < $end; $i++) {
        my $token = $tokens->[$i];
        if ($token eq '(' || $token eq '[') {
            $i = $partner->[$i];
        } elsif ($token eq ';') {
            my $found = signature($file, $start, $i);
            push @{$file->{prototypes}}, $found if $found;
            $start = $i + 1;
        } elsif ($token eq '{') {
            my $found = signature($file, $start, $i);
            if ($tokens->[$start] =~ /^namespace$|^extern$/ && !$found) {
                declarations($file, $i + 1, $partner->[$i]);
                $start = $partner->[$i] + 1;
            } elsif ($found) {
                $found->{open} = $i;
                push @{$file->{functions}}, $found;
                $start = $partner->[$i] + 1;
            }
            $i = $partner->[$i];
        }
    }
}

# The function that the tokens before a ';' or '{' declare, if they do. Macros
# in capitals are attributes, unless nothing else is there: TEST(name) {.
sub signature {
    my ($file, $start, $end) = @_;
    my ($tokens, $partner) = @$file{qw(tokens partner)};
    my ($name_at, $macro_at);

    return if $start >= $end || $tokens->[$start] eq 'typedef';
    for (my $i = $start; $i < $end && !defined $name_at; $i++) {
        return if $tokens->[$i] eq '=';
        next if $tokens->[$i] !~ /^[({[]$/;
        if ($tokens->[$i] eq '(' && $i > $start) {
            return if $tokens->[$i + 1] eq '*';
            my $before = $tokens->[$i - 1];
            if ($before =~ /^[A-Z][A-Z0-9_]*$/) {
                $macro_at = $i - 1;
            } elsif ($before =~ /^[A-Za-z_]/ && !$NOT_A_NAME{$before}) {
                $name_at = $i - 1;
            }
        }
        $i = $partner->[$i];
    }
    my $words = join ' ', @$tokens[$start .. $end - 1];
    $name_at = $macro_at if !defined $name_at && $tokens->[$end] eq '{'
        && $words !~ /\b(?:struct|union|enum)\b/;
    return if !defined $name_at;
    return {
        name => $tokens->[$name_at],
        line => $file->{line_of}[$start],
        open_list => $name_at + 1,
        static => scalar($words =~ /\b(?:static|FM__INLINE)\b/),
        api => scalar($words =~ /\bFM_API\b/),
        void => $name_at > $start && $tokens->[$name_at - 1] eq 'void',
    };
}

sub last_line {
    my ($file, $function) = @_;
    my $close = $file->{partner}[$function->{open}];
    my $lines = $file->{line_of};
    return $close < @$lines ? $lines->[$close] : $lines->[-1];
}

sub comment_above {
    my ($file, $line) = @_;
    my $comment = $file->{comment_ends}{$line - 1};
    return $comment ? $comment->[2] : '';
}

1;
